/**
 * A scripted `PolloCredits` for the tests of programs that use it: no key, no server, no waiting.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import type { CreditBalance } from "./CreditBalance.ts"
import * as scripts from "./internal/testing/script.ts"
import * as scriptedErrors from "./internal/testing/errors.ts"
import { type Outcome, outcomeOf } from "./internal/call/telemetry.ts"
import * as check from "./internal/options.ts"
import type { PolloConfigError } from "./PolloConfigError.ts"
import { PolloCredits } from "./PolloCredits.ts"
import type { PolloError } from "./PolloError.ts"

/**
 * @since 0.1.0
 */
export declare namespace PolloCreditsTest {
  /**
   * What the service offers.
   *
   * @category models
   * @since 0.1.0
   */
  export interface Service {
    /** The calls so far, oldest first. */
    readonly calls: Effect.Effect<ReadonlyArray<PolloCreditsTest.Call>>
    /** Replaces the script from the next call on. */
    readonly answer: (script: PolloCreditsTest.Script) => Effect.Effect<void, PolloConfigError>
  }

  /**
   * A reading: the available credits, of a total of 1000, or both figures.
   *
   * @category models
   * @since 0.1.0
   */
  export type Balance = number | { readonly availableCredits: number; readonly totalCredits: number }

  /**
   * What one call does: read a balance, fail, or run an effect, such as `Effect.never` for a server that hangs.
   *
   * @category models
   * @since 0.1.0
   */
  export type Step = Balance | PolloError | Effect.Effect<Balance, PolloError>

  /**
   * What the calls do: one step for all calls, a list with a step for each call (the last one repeats), or a function
   * of the number of the call, from 1.
   *
   * @category models
   * @since 0.1.0
   */
  export type Script = Step | ReadonlyArray<Step> | ((call: number) => Step)

  /**
   * A call of `getBalance`.
   *
   * @category models
   * @since 0.1.0
   */
  export interface Call {
    /** The number of the call, from 1. */
    readonly number: number
    /** When it was made, by the `Clock`. */
    readonly startedAt: DateTime.Utc
    /** Absent while the call is under way. */
    readonly endedAt?: DateTime.Utc
    /** `Success`, the tag of the error, or how else it ended. */
    readonly outcome: "Running" | Outcome
  }
}

/**
 * The script and the record of a scripted `PolloCredits`.
 *
 * **Details**
 *
 * A step is the result of a whole call, after its retries: no policy applies.
 *
 * For an invalid script, `layer` and `answer` fail with a `PolloConfigError`. The result of a function or an effect in
 * the script is known only during a call. If it is invalid the call dies with that error, which is not one of the
 * errors of `getBalance`.
 *
 * **Example** (A program that meets a slow server and a failing one)
 *
 * ```ts
 * import { PolloCredits } from "@effect-pollo/client"
 * import { PolloCreditsTest } from "@effect-pollo/client/testing"
 * import { assert, it } from "@effect/vitest"
 * import { Effect, Fiber } from "effect"
 * import { TestClock } from "effect/testing"
 *
 * const { delay, error } = PolloCreditsTest
 *
 * it.effect("reads again after a failure", () =>
 *   Effect.gen(function*() {
 *     const program = Effect.retry(PolloCredits.getBalance, { times: 1 })
 *     const fiber = yield* Effect.forkChild(program)
 *     yield* TestClock.adjust("2 seconds")
 *
 *     assert.strictEqual((yield* Fiber.join(fiber)).availableCredits, 40)
 *     const calls = yield* PolloCreditsTest.calls
 *     assert.deepEqual(calls.map((call) => call.outcome), ["PolloRateLimited", "Success"])
 *   }).pipe(
 *     Effect.provide(PolloCreditsTest.layer([error.rateLimited({ retryAfter: "10 seconds" }), delay("2 seconds", 40)]))
 *   ))
 * ```
 *
 * @category services
 * @since 0.1.0
 */
export class PolloCreditsTest
  extends Context.Service<PolloCreditsTest, PolloCreditsTest.Service>()("@effect-pollo/client/testing/PolloCreditsTest")
{
  /**
   * A scripted client and the record of its calls, for as long as the program needs them.
   *
   * **Details**
   *
   * Fails with `PolloConfigError` when the script is empty or has an invalid step.
   */
  static readonly make = (
    script: PolloCreditsTest.Script = 1000
  ): Effect.Effect<Context.Context<PolloCredits | PolloCreditsTest>, PolloConfigError> =>
    Effect.suspend(() => Effect.fromResult(Result.map(scripts.compile(script), build)))

  /**
   * A scripted client together with its record. Each build of the layer starts the script anew. Without a script every
   * call reads 1000 of 1000.
   *
   * **Details**
   *
   * Fails with `PolloConfigError` when the script is empty or has an invalid step.
   */
  static readonly layer = (
    script: PolloCreditsTest.Script = 1000
  ): Layer.Layer<PolloCredits | PolloCreditsTest, PolloConfigError> =>
    Layer.effectContext(PolloCreditsTest.make(script))

  /** The calls so far, oldest first. Their times come from the `Clock`, so `TestClock` drives them. */
  static readonly calls: Effect.Effect<ReadonlyArray<PolloCreditsTest.Call>, never, PolloCreditsTest> = PolloCreditsTest
    .use((test) => test.calls)

  /**
   * Replaces the script from the next call on. Numbers of calls given to a function start at 1 again. An invalid script
   * replaces nothing.
   */
  static readonly answer = (
    script: PolloCreditsTest.Script
  ): Effect.Effect<void, PolloConfigError, PolloCreditsTest> => PolloCreditsTest.use((test) => test.answer(script))

  /** The step, after a time. Throws a `PolloConfigError` for an invalid step or duration. */
  static readonly delay = (
    duration: Duration.Input,
    step: PolloCreditsTest.Step
  ): Effect.Effect<CreditBalance, PolloError> =>
    Effect.delay(
      Result.getOrThrow(scripts.toEffect("step", step)),
      Result.getOrThrow(check.duration("delay", duration))
    )

  /**
   * A constructor for each member of `PolloError`. A field that is left out is what the client would report under the
   * default policy: the status and code that belong to the error, and 4 attempts if it is retryable, otherwise 1.
   */
  static readonly error = scriptedErrors
}

const build = (initial: scripts.Respond): Context.Context<PolloCredits | PolloCreditsTest> => {
  let respond = initial
  let before = 0
  const calls: Array<PolloCreditsTest.Call> = []

  const getBalance = Effect.uninterruptibleMask((restore) =>
    Effect.flatMap(DateTime.now, (startedAt) => {
      const index = calls.length
      const number = index + 1
      calls.push({ number, startedAt, outcome: "Running" })
      const call = number - before
      return restore(Effect.suspend(() => respond(call))).pipe(
        Effect.onExit((exit) =>
          Effect.map(DateTime.now, (endedAt) => {
            calls[index] = { number, startedAt, endedAt, outcome: outcomeOf(exit) }
          })
        )
      )
    })
  )

  return Context.make(PolloCredits, { getBalance }).pipe(
    Context.add(PolloCreditsTest, {
      calls: Effect.sync(() => calls.slice()),
      answer: (script) =>
        Effect.suspend(() => Effect.fromResult(scripts.compile(script))).pipe(
          Effect.map((next) => {
            respond = next
            before = calls.length
          })
        )
    })
  )
}
