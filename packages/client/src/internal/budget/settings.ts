/** What a budget and its reservations are given, checked. */
import * as Duration from "effect/Duration"
import * as Result from "effect/Result"
import type { PolloConfigError } from "../../PolloConfigError.ts"
import * as check from "../options.ts"
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
}

export interface Patience {
  readonly for: Duration.Duration
  readonly pollEvery: Duration.Duration
}

/** The options that every kind of budget has. */
export const fields = {
  safetyMargin: check.withDefault(check.credits, 0),
  onUnreadable: check.withDefault(check.oneOf("fail", "allow"), "fail"),
  chargeLag: check.withDefault(check.millis, 0),
  maxBackoff: check.withDefault(check.millis, 300_000)
}

const common = check.options(fields)

export const validate = (options: unknown): Result.Result<Settings, PolloConfigError> =>
  Result.map(common(options), (settings) => ({ ...settings, margin: costUnits(settings.safetyMargin) }))

const patience: check.Check<Patience> = check.struct({
  for: check.duration,
  pollEvery: check.withDefault(check.positiveDuration, Duration.seconds(30))
})

/** Goes into the store, into metrics and into errors, so it must not be a text of any length or form. */
const label: check.Check<string> = check.matching(
  (input): input is string => typeof input === "string" && input.isWellFormed() && /^\P{Cc}{1,100}$/u.test(input),
  "must be a text of 1 to 100 characters, none of them a control character, such as \"team-a\""
)

/** More cannot be counted exactly. */
const mostCredits = Math.floor(Number.MAX_SAFE_INTEGER / 1_000_000)

/** What a reservation asks for, said or quoted. */
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
