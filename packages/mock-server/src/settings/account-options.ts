import { maxCredits } from "../values/credits.ts"
import { creditsOf, numberWithin, oneOf, wholeNumber } from "../values/checks.ts"
import { InvalidAccountError, InvalidOptionError } from "../values/errors.ts"
import type { Opening } from "../values/ledger.ts"
import type { Limit } from "../values/limiter.ts"
import { limitOf, profiles } from "./options.ts"
import type { LimitOptions, Profile } from "./options.ts"

/** How an account is set. A field that is left out is off, or takes its default. */
export interface AccountInput {
  readonly availableCredits: number
  /** Defaults to `availableCredits`. */
  readonly totalCredits?: number | undefined
  /** Credits that are used up each minute, while there are any. Defaults to 0. */
  readonly drainPerMinute?: number | undefined
  /** For how long the reported balance does not show a spend. Defaults to 0. */
  readonly lagMillis?: number | undefined
  /** When the credits that it opens with expire. Without it they never expire. */
  readonly expiresInMillis?: number | undefined
  readonly limit?: LimitOptions | null | undefined
  /** The profile of this account, in place of the server's. */
  readonly profile?: Profile | undefined
}

/** An account in the options. Without figures it opens with the balance and the limit of every new key. */
export interface AccountOptions extends Partial<AccountInput> {
  /** The plan of the key, in place of the one that the key names: `["503_x2", "ok"]`. The last step repeats. */
  readonly steps?: ReadonlyArray<string> | undefined
}

/** An account as it is opened when its key is first seen, and again when it is reset. */
export interface AccountSetup {
  readonly books: { readonly opening: Opening; readonly limit: Limit | null } | undefined
  readonly profile: Profile | undefined
  readonly steps: ReadonlyArray<string> | undefined
}

/** A hundred years. */
export const longestMillis = 3_155_760_000_000

const duration = (field: string, value: unknown): number => wholeNumber(field, value, 0, longestMillis)

type Given = Readonly<Record<string, unknown>>

const isObject = (value: unknown): value is Given =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const limitGiven = (value: unknown): Limit | null => {
  if (value === null) return null
  if (isObject(value)) return limitOf(value)
  throw new InvalidOptionError("limit", "an object, or null for none", value)
}

const stepsGiven = (value: unknown): ReadonlyArray<string> => {
  if (Array.isArray(value) && value.length > 0 && value.every((step) => typeof step === "string")) return value
  throw new InvalidOptionError("steps", "a list of at least one step", value)
}

/** What each field of an account must be. */
const checks = {
  availableCredits: creditsOf,
  totalCredits: creditsOf,
  drainPerMinute: (field: string, value: unknown) => numberWithin(field, value, 0, maxCredits),
  lagMillis: duration,
  expiresInMillis: duration,
  limit: (_field: string, value: unknown) => limitGiven(value),
  profile: (field: string, value: unknown) => oneOf(field, value, profiles),
  steps: (_field: string, value: unknown) => stepsGiven(value)
} satisfies Record<keyof AccountOptions, (field: string, value: unknown) => unknown>

const noBooks: ReadonlySet<string> = new Set(["profile", "steps"])

const optional = <A>(given: Given, field: keyof AccountOptions, check: (field: string, value: unknown) => A) =>
  given[field] === undefined ? undefined : check(field, given[field])

/** The characters that every client sends as the same bytes in a header. */
const headerText = /^[!-~](?:[\t -~]*[!-~])?$/

const setupOf = (key: string, given: unknown): AccountSetup => {
  if (!headerText.test(key)) throw new InvalidAccountError(key, "key: must be visible ASCII")
  if (!isObject(given)) throw new InvalidAccountError(key, "must be an object")
  const strange = Object.keys(given).find((name) => !Object.hasOwn(checks, name))
  if (strange !== undefined) {
    throw new InvalidAccountError(key, `${strange}: is no field here. Those are ${Object.keys(checks).join(", ")}`)
  }
  try {
    const named = Object.keys(given).some((name) => given[name] !== undefined && !noBooks.has(name))
    const availableCredits = named ? checks.availableCredits("availableCredits", given["availableCredits"]) : 0
    return {
      books: named
        ? {
          opening: {
            availableCredits,
            totalCredits: optional(given, "totalCredits", checks.totalCredits) ?? availableCredits,
            drainPerMinute: optional(given, "drainPerMinute", checks.drainPerMinute),
            lagMillis: optional(given, "lagMillis", checks.lagMillis),
            expiresInMillis: optional(given, "expiresInMillis", checks.expiresInMillis)
          },
          limit: optional(given, "limit", checks.limit) ?? null
        }
        : undefined,
      profile: optional(given, "profile", checks.profile),
      steps: optional(given, "steps", checks.steps)
    }
  } catch (error) {
    if (!(error instanceof InvalidOptionError)) throw error
    throw new InvalidAccountError(key, `${error.option}: must be ${error.expected}`)
  }
}

/** @throws InvalidOptionError when there is no room for that many accounts */
export const checkRoom = (maxKeys: number, accounts: number): void => {
  if (maxKeys >= accounts) return
  throw new InvalidOptionError("maxKeys", `at least ${accounts}, which is how many accounts are configured`, maxKeys)
}

/** @throws InvalidOptionError naming the account and the field */
export const resolveAccounts = (accounts: unknown = {}): ReadonlyMap<string, AccountSetup> => {
  if (!isObject(accounts)) throw new InvalidOptionError("accounts", "an object, with a key's account each", accounts)
  return new Map(Object.entries(accounts).map(([key, given]) => [key, setupOf(key, given)]))
}
