/** The one check of what a budget and its reservations are given. */
import * as Duration from "effect/Duration"
import * as Result from "effect/Result"
import { PolloConfigError } from "../../PolloConfigError.ts"
import type { Options, Wait } from "./model.ts"
import { costUnits } from "./state.ts"
import { duration } from "../call/policy.ts"

export interface Settings {
  /** Credits, for messages. */
  readonly safetyMargin: number
  /** Units. */
  readonly margin: number
  readonly onUnreadable: "fail" | "allow"
  /** Milliseconds. */
  readonly chargeLag: number
}

export interface Patience {
  readonly for: Duration.Duration
  readonly pollEvery: Duration.Duration
}

const refuse = (field: string, problem: string) => Result.fail(new PolloConfigError({ field, problem }))

export { badRequest } from "../badInput.ts"

const checkCredits = (field: string, credits: number): Result.Result<number, PolloConfigError> =>
  Number.isFinite(credits) && credits >= 0
    ? Result.succeed(credits)
    : refuse(field, "must be a finite number of credits, 0 or more")

/** Units for a cost or a charge. */
export const checkCost = (field: string, credits: number): Result.Result<number, PolloConfigError> =>
  Result.map(checkCredits(field, credits), costUnits)

/** Milliseconds. */
export const checkSpan = (
  field: string,
  input: Duration.Input,
  range: "positive" | "any"
): Result.Result<number, PolloConfigError> =>
  Result.flatMap(duration(field, input, range), (decoded) =>
    Duration.isFinite(decoded)
      ? Result.succeed(Math.ceil(Duration.toMillis(decoded)))
      : refuse(field, "must be finite"))

export const check = (options: Options): Result.Result<Settings, PolloConfigError> =>
  Result.gen(function*() {
    const safetyMargin = yield* checkCredits("safetyMargin", options.safetyMargin ?? 0)
    const chargeLag = yield* checkSpan("chargeLag", options.chargeLag ?? Duration.zero, "any")
    const onUnreadable = options.onUnreadable ?? "fail"
    if (onUnreadable !== "fail" && onUnreadable !== "allow") {
      return yield* refuse("onUnreadable", "must be \"fail\" or \"allow\"")
    }
    return { safetyMargin, margin: costUnits(safetyMargin), onUnreadable, chargeLag }
  })

export const checkPatience = (wait: Wait): Result.Result<Patience, PolloConfigError> =>
  Result.gen(function*() {
    return {
      for: yield* duration("wait.for", wait.for, "any"),
      pollEvery: yield* duration("wait.pollEvery", wait.pollEvery ?? "30 seconds", "positive")
    }
  })
