/** The checks of the options of a budget and its reservations. */
import * as Duration from "effect/Duration"
import * as Result from "effect/Result"
import type { PolloConfigError } from "../../PolloConfigError.ts"
import * as check from "../options.ts"
import type { Limit } from "./limits.ts"
import { costUnits, type Units } from "./units.ts"

export interface Settings {
  /** Credits, for messages. */
  readonly safetyMargin: number
  /** Units. */
  readonly margin: Units
  readonly onUnreadable: "fail" | "allow"
  /** Milliseconds. */
  readonly chargeLag: number
  /** Milliseconds. */
  readonly maxBackoff: number
  readonly limits: ReadonlyArray<Limit>
}

export interface Patience {
  readonly for: Duration.Duration
  readonly pollEvery: Duration.Duration
}

/** A label goes into the store, into metrics and into errors, so its length and characters are limited. */
const label: check.Check<string> = check.matching(
  (input): input is string => typeof input === "string" && input.isWellFormed() && /^\P{Cc}{1,100}$/u.test(input),
  "must be a text of 1 to 100 characters, none of them a control character, such as \"team-a\""
)

const limitFields = check.closed({ credits: check.credits, every: check.positiveMillis, label })

/** Longer than any real period, and the end of such a period is still a date. */
const longest = Duration.toMillis(Duration.days(36_500))

/** Unknown fields are refused: a misspelt `label` would make it a limit for all spending. */
const limit: check.Check<Limit> = (field, input) =>
  Result.flatMap(limitFields(field, input), ({ credits, every, label }) => {
    if (credits === undefined) return check.refuse(`${field}.credits`, "is missing: say how many may be spent")
    if (every === undefined) return check.refuse(`${field}.every`, "is missing: say for how long, such as \"1 day\"")
    if (every > longest) return check.refuse(`${field}.every`, "must be at most 36500 days")
    return Result.succeed({ credits: costUnits(credits), every, label, given: credits })
  })

const limits: check.Check<ReadonlyArray<Limit>> = (field, input) =>
  Result.flatMap(check.list(limit)(field, input), (all) => {
    const twice = all.findIndex(({ every, label }, index) =>
      all.slice(0, index).some((other) => other.every === every && other.label === label)
    )
    return twice < 0
      ? Result.succeed(all)
      : check.refuse(`${field}[${twice}]`, "has the label and the period of one before: keep one of them")
  })

/** The options that every kind of budget has. */
export const fields = {
  safetyMargin: check.withDefault(check.credits, 0),
  onUnreadable: check.withDefault(check.oneOf("fail", "allow"), "fail"),
  chargeLag: check.withDefault(check.millis, 0),
  maxBackoff: check.withDefault(check.millis, 300_000),
  limits: check.withDefault(limits, [])
}

const common = check.options(fields)

export const validate = (options: unknown): Result.Result<Settings, PolloConfigError> =>
  Result.map(common(options), (settings) => ({ ...settings, margin: costUnits(settings.safetyMargin) }))

const patience: check.Check<Patience> = check.struct({
  for: check.duration,
  pollEvery: check.withDefault(check.positiveDuration, Duration.seconds(30))
})

/** The most credits that can be counted exactly. */
const mostCredits = Math.floor(Number.MAX_SAFE_INTEGER / 1_000_000)

/** The cost of a reservation, given or quoted. */
export const cost: check.Check<number> = (field, input) =>
  Result.flatMap(check.credits(field, input), (credits) =>
    credits <= mostCredits
      ? Result.succeed(credits)
      : check.refuse(field, `must be at most ${mostCredits} credits`))

export const reserveOptions = check.options({
  label: check.optional(label),
  wait: check.optional(patience),
  onFailure: check.withDefault(check.oneOf("release", "keep"), "release")
})
