/** Checks the script of a scripted client, and turns it into an effect for each call. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { CreditBalance } from "../../CreditBalance.ts"
import { PolloConfigError } from "../../PolloConfigError.ts"
import { PolloError } from "../../PolloError.ts"
import * as check from "../options.ts"

/** What each call does, by its number. */
export type Respond = (call: number) => Effect.Effect<CreditBalance, PolloError>

export const compile = (script: unknown): Result.Result<Respond, PolloConfigError> =>
  Result.mapError(toRespond(script), ({ field, problem }) =>
    new PolloConfigError({
      field: "script",
      problem: field === "script" ? problem : `has an invalid step: ${field} ${problem}`
    }))

const toRespond = (script: unknown): Result.Result<Respond, PolloConfigError> => {
  if (typeof script === "function") {
    return Result.succeed((call) => Effect.flatten(orDie(toEffect("script", script(call)))))
  }
  return Array.isArray(script)
    ? Result.flatMap(steps("script", script), (all) => {
      const last = all.at(-1)
      return last === undefined
        ? check.refuse("script", "must have at least one step")
        : Result.succeed((call: number) => all[call - 1] ?? last)
    })
    : Result.map(toEffect("script", script), (step) => () => step)
}

export const toEffect: check.Check<Effect.Effect<CreditBalance, PolloError>> = check.safely((field, step) => {
  if (isPolloError(step)) return Result.succeed(Effect.fail(step))
  return Effect.isEffect(step)
    // The type of a step promises a `PolloError`; nobody can look into an effect.
    ? Result.succeed(
      Effect.flatMap(step as Effect.Effect<unknown, PolloError>, (given) => orDie(toBalance(field, given)))
    )
    : Result.map(toBalance(field, step), Effect.succeed)
})

const steps = check.list(toEffect)

const isPolloError = Schema.is(PolloError)

const figures = check.struct({ availableCredits: check.balance, totalCredits: check.balance })

const toBalance: check.Check<CreditBalance> = (field, given) =>
  Result.map(
    typeof given === "number"
      ? Result.map(check.balance(field, given), (availableCredits) => ({ availableCredits, totalCredits: 1000 }))
      : figures(field, given),
    (balance) => new CreditBalance(balance)
  )

const orDie = <A>(checked: Result.Result<A, PolloConfigError>): Effect.Effect<A> =>
  Effect.orDie(Effect.fromResult(checked))
