import { InvalidOptionError } from "../values/errors.ts"
import type { AccountOptions } from "./account-options.ts"
import type { LimitOptions, Profile, Settings } from "./options.ts"

/** Options of {@link createMockServer}. Every one has a default. */
export interface MockServerOptions {
  /**
   * `documented` answers as the vendor's page says: a success is the balance, and every key is known. `live` answers as
   * the live server has been seen to answer: every success is in the envelope `{code, message, data}`. It knows the
   * keys that have an account and those that begin with `mock_`. Any other key that begins with `pollo_` gets a 404,
   * and the rest get a 401.
   *
   * @default "documented"
   */
  readonly profile?: Profile | undefined
  /**
   * The balance that each new key starts with, with at most two decimals; `totalCredits` defaults to
   * `availableCredits`.
   *
   * @default { availableCredits: 1000, totalCredits: 1000 }
   */
  readonly balance?: { readonly availableCredits: number; readonly totalCredits?: number | undefined } | undefined
  /**
   * The `Retry-After` of `rate_limited` and `503`, in whole seconds.
   *
   * @default 1
   */
  readonly retryAfterSeconds?: number | undefined
  /**
   * How long `slow` waits before it answers, in milliseconds.
   *
   * @default 1000
   */
  readonly slowMillis?: number | undefined
  /**
   * The rate limit of each new key; `null` means no limit.
   *
   * @default null
   */
  readonly limit?: LimitOptions | null | undefined
  /**
   * The seed of the random delays and bytes of the faults: a whole number. Each key has its own random sequence.
   *
   * @default 0
   */
  readonly seed?: number | undefined
  /**
   * How many requests the journal holds, over all keys. When it is full, the oldest requests of the key that came
   * longest ago go first.
   *
   * @default 1000
   */
  readonly maxRequests?: number | undefined
  /**
   * How many keys the server remembers. Beyond that it forgets the one that was not used for the longest time.
   *
   * @default 20000
   */
  readonly maxKeys?: number | undefined
  /**
   * The accounts of some keys, and their plans. A reset of a key goes back to what is said here.
   *
   * @default {}
   */
  readonly accounts?: Readonly<Record<string, AccountOptions>> | undefined
  /**
   * Makes every call to the admin API carry `Authorization: Bearer <adminToken>`. Without one, the admin API is off on
   * addresses that other machines can reach.
   */
  readonly adminToken?: string | undefined
}

/** Holds the settings, so that every reader sees a change. */
export interface SettingsHolder {
  current: Settings
}

/** @throws InvalidOptionError when no header could carry the token */
export const resolveAdminToken = ({ adminToken }: { readonly adminToken?: unknown }): string | undefined => {
  if (adminToken === undefined) return undefined
  if (typeof adminToken === "string" && /^[!-~]+$/.test(adminToken)) return adminToken
  throw new InvalidOptionError("adminToken", "visible ASCII without white space")
}
