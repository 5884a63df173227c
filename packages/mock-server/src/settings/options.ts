import { creditsOf, maxTimerMillis, numberWithin, oneOf, wholeNumber } from "../values/checks.ts"
import { InvalidOptionError } from "../values/errors.ts"
import type { Balance } from "../values/ledger.ts"
import type { Limit } from "../values/limiter.ts"
import { retryAfterForms } from "../values/retry-after.ts"
import type { RetryAfterForm } from "../values/retry-after.ts"

/** How the server answers: as the vendor's page says, or as the live server has been seen to answer. */
export const profiles = ["documented", "live"] as const

export type Profile = typeof profiles[number]

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

/** The options after their check, with the defaults. The admin API can change all of them while the server runs. */
export interface Settings {
  readonly balance: Balance
  readonly retryAfterSeconds: number
  readonly slowMillis: number
  readonly limit: Limit | null
  readonly seed: number
  readonly maxRequests: number
  readonly maxKeys: number
  readonly profile: Profile
}

/** The unit of a duration that is given as a number. A flag or a variable also takes text such as `30s`. */
export type TimeUnit = "millis" | "seconds"

/** How the text of a flag or a variable becomes a JSON value. */
export type Kind = "number" | TimeUnit | "text" | "toggle"

/** A flag of the command line, and the environment variable of the same name. */
export interface Flag {
  /**
   * The paths of its values in a config file. Several values are written with `/` between them; the last of three may
   * be left out.
   */
  readonly fields: Readonly<Record<string, Kind>>
  /** What stands for the value in the help; a switch takes none. */
  readonly value?: string
  readonly help: string
}

/**
 * One option of the server: from here it is a flag, a variable, a field of the config file, a setting of the admin API,
 * and a line of the help. What it means is said at the field of `MockServerOptions`.
 */
export interface Option<Value> {
  /** Checks the given value, and returns the default if no value was given. */
  readonly resolve: (given: unknown) => Value
  /** What the admin API takes for it: a number, one of these words, or an object of its own. */
  readonly json: "object" | "whole" | ReadonlyArray<string>
  readonly flags: Readonly<Record<string, Flag>>
}

/** The largest capacity and refill of a limit. A larger one would not limit anything. */
export const maxRate = 1_000_000

type Given<Fields> = { readonly [Name in keyof Fields]?: unknown }

/** @throws InvalidOptionError naming the field, such as `limit.capacity` */
export const limitOf = ({ capacity, refillPerSecond, retryAfter = "seconds" }: Given<Limit>): Limit => ({
  capacity: wholeNumber("limit.capacity", capacity, 1, maxRate),
  refillPerSecond: numberWithin("limit.refillPerSecond", refillPerSecond, 0, maxRate),
  retryAfter: oneOf("limit.retryAfter", retryAfter, retryAfterForms)
})

const group = (option: string, given: unknown): Readonly<Record<string, unknown>> => {
  if (typeof given === "object" && given !== null && !Array.isArray(given)) return { ...given }
  throw new InvalidOptionError(option, "an object", given)
}

const balanceOf = ({ availableCredits = 1000, totalCredits = availableCredits }: Given<Balance>): Balance => ({
  availableCredits: creditsOf("balance.availableCredits", availableCredits),
  totalCredits: creditsOf("balance.totalCredits", totalCredits)
})

const whole = (
  name: string,
  range: { readonly min?: number; readonly max: number; readonly default: number },
  flag: string,
  { help, time }: { readonly help: string; readonly time?: TimeUnit }
): Option<number> => ({
  resolve: (given = range.default) => wholeNumber(name, given, range.min ?? 0, range.max),
  json: "whole",
  flags: {
    [flag]: { fields: { [name]: time ?? "number" }, value: time ?? "number", help: `${help} (${range.default})` }
  }
})

/** In the order of the help. */
export const settingOptions = {
  balance: {
    resolve: (given = {}) => balanceOf(group("balance", given)),
    json: "object",
    flags: {
      balance: {
        fields: { "balance.availableCredits": "number" },
        value: "credits",
        help: "credits of a new key (1000)"
      },
      total: { fields: { "balance.totalCredits": "number" }, value: "credits", help: "its totalCredits (as --balance)" }
    }
  },
  retryAfterSeconds: whole("retryAfterSeconds", { max: Number.MAX_SAFE_INTEGER, default: 1 }, "retry-after", {
    time: "seconds",
    help: "Retry-After of rate_limited and 503"
  }),
  slowMillis: whole("slowMillis", { max: maxTimerMillis, default: 1000 }, "slow", {
    time: "millis",
    help: "how long the step slow waits, or such as 2s"
  }),
  limit: {
    resolve: (given = null) => (given === null ? null : limitOf(group("limit", given))),
    json: "object",
    flags: {
      limit: {
        fields: { "limit.capacity": "number", "limit.refillPerSecond": "number", "limit.retryAfter": "text" },
        value: "n/rate",
        help: "a key's requests at once / a second after (none)"
      }
    }
  },
  seed: whole("seed", { max: Number.MAX_SAFE_INTEGER, default: 0 }, "seed", { help: "what random faults follow from" }),
  maxRequests: whole("maxRequests", { max: 1_000_000, default: 1000 }, "max-requests", {
    help: "requests that the journal holds"
  }),
  maxKeys: whole("maxKeys", { min: 1, max: 1_000_000, default: 20_000 }, "max-keys", {
    help: "keys that are remembered"
  }),
  profile: {
    resolve: (given = "documented") => oneOf("profile", given, profiles),
    json: profiles,
    flags: {
      profile: {
        fields: { profile: "text" },
        value: "name",
        help: "documented or live: as what it answers (documented)"
      }
    }
  }
} satisfies { readonly [Name in keyof Settings]: Option<Settings[Name]> }

const settingNames = Object.keys(settingOptions) as ReadonlyArray<keyof Settings> // As `satisfies` holds it to.

/** @throws InvalidOptionError naming the option that cannot be used */
export const resolveSettings = (options: Given<Settings>): Settings =>
  // The type of each entry is lost on the way through a list; `satisfies` above holds them to those of Settings.
  Object.fromEntries(
    settingNames.map((name) => [name, settingOptions[name].resolve(options[name])])
  ) as unknown as Settings
