import { maxTimerMillis, numberWithin, oneOf, wholeNumber } from "../values/checks.ts"
import { InvalidOptionError } from "../values/errors.ts"
import { isCredits, maxCredits } from "../values/credits.ts"
import type { Balance } from "../values/ledger.ts"
import type { Limit } from "../values/limiter.ts"
import { retryAfterForms } from "../values/retry-after.ts"
import type { RetryAfterForm } from "../values/retry-after.ts"

/** A token bucket: `capacity` requests at once, and `refillPerSecond` of them a second in the long run. */
export interface LimitOptions {
  readonly capacity: number
  readonly refillPerSecond: number
  /**
   * How a limited answer says when to come back.
   *
   * @default "seconds"
   */
  readonly retryAfter?: RetryAfterForm | undefined
}

/** Options of {@link createMockServer}. Every one has a default. */
export interface MockServerOptions {
  /**
   * The balance that each new key starts with, with at most two decimals; `totalCredits` defaults to `availableCredits`.
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
   * The rate limit of each new key; `null` is none.
   *
   * @default null
   */
  readonly limit?: LimitOptions | null | undefined
  /**
   * What the random delays and bytes of the faults follow from, each key by itself: a whole number.
   *
   * @default 0
   */
  readonly seed?: number | undefined
  /**
   * How many requests the journal holds, over all keys. When it is full, the oldest requests of the key that came longest
   * ago go first.
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
   * Makes every call to the admin API carry `Authorization: Bearer <adminToken>`. Without one, the admin API is off on
   * addresses that other machines can reach.
   */
  readonly adminToken?: string | undefined
}

/** What the options came to. The admin API can change all of it while the server runs. */
export interface Settings {
  readonly balance: Balance
  readonly retryAfterSeconds: number
  readonly slowMillis: number
  readonly limit: Limit | null
  readonly seed: number
  readonly maxRequests: number
  readonly maxKeys: number
}

/** Holds the settings, so that a change reaches all who read them. */
export interface SettingsHolder {
  current: Settings
}

const credits = (option: string, value: number): number => {
  if (isCredits(value)) return value
  throw new InvalidOptionError(option, `a number with at most two decimals, within ±${maxCredits}`, value)
}

/** The largest capacity and refill of a limit: beyond it, there is no limit to speak of. */
export const maxRate = 1_000_000

const limitOf = ({ capacity, refillPerSecond, retryAfter = "seconds" }: LimitOptions): Limit => ({
  capacity: wholeNumber("limit.capacity", capacity, 1, maxRate),
  refillPerSecond: numberWithin("limit.refillPerSecond", refillPerSecond, 0, maxRate),
  retryAfter: oneOf("limit.retryAfter", retryAfter, retryAfterForms)
})

/** @throws InvalidOptionError naming the option that cannot be used */
export const resolveSettings = (options: MockServerOptions): Settings => {
  const availableCredits = credits("balance.availableCredits", options.balance?.availableCredits ?? 1000)
  return {
    balance: {
      availableCredits,
      totalCredits: credits("balance.totalCredits", options.balance?.totalCredits ?? availableCredits)
    },
    retryAfterSeconds: wholeNumber("retryAfterSeconds", options.retryAfterSeconds ?? 1, 0, Number.MAX_SAFE_INTEGER),
    slowMillis: wholeNumber("slowMillis", options.slowMillis ?? 1000, 0, maxTimerMillis),
    limit: options.limit ? limitOf(options.limit) : null,
    seed: wholeNumber("seed", options.seed ?? 0, 0, Number.MAX_SAFE_INTEGER),
    maxRequests: wholeNumber("maxRequests", options.maxRequests ?? 1000, 0, 1_000_000),
    maxKeys: wholeNumber("maxKeys", options.maxKeys ?? 20_000, 1, 1_000_000)
  }
}

/** @throws InvalidOptionError when the token is one that no header could carry */
export const resolveAdminToken = ({ adminToken }: MockServerOptions): string | undefined => {
  if (adminToken === undefined || /^[!-~]+$/.test(adminToken)) return adminToken
  throw new InvalidOptionError("adminToken", "visible ASCII without white space")
}
