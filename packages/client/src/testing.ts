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
import { CreditBalance } from "./CreditBalance.ts"
import * as policy from "./internal/call/policy.ts"
import * as scriptedErrors from "./internal/scriptedErrors.ts"
import { type Outcome, outcomeOf } from "./internal/call/telemetry.ts"
import { PolloConfigError } from "./PolloConfigError.ts"
import { PolloCredits } from "./PolloCredits.ts"
import type { PolloError } from "./PolloError.ts"

/**
 * @since 0.1.0
 */
export declare namespace PolloCreditsTest {
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
   * What the calls do: all the same, one step each of which the last repeats, or what a function of the number of the
   * call (from 1) returns.
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
    /** From 1. */
    readonly number: number
    readonly startedAt: DateTime.Utc
    /** Absent while the call is under way. */
    readonly endedAt?: DateTime.Utc
    /** `Success`, the tag of the error, or how else it ended. */
    readonly outcome: "Running" | Outcome
  }
}

type Respond = (call: number) => Effect.Effect<CreditBalance, PolloError>

/**
 * The script and the record of a scripted `PolloCredits`.
 *
 * **Details**
 *
 * - `layer(script)` provides both services. A step is what a whole call ends with, its retries included: no policy
 *   applies. Each build of the layer starts the script anew. Without a script every call reads 1000 of 1000.
 * - `calls` is the record, oldest first; its times come from the `Clock`, so `TestClock` drives them.
 * - `answer(script)` replaces the script from the next call on; numbers of calls given to a function start at 1 again.
 * - `delay(duration, step)` is the step, later.
 * - `error` has a constructor for each member of `PolloError`. What is not given is what the client would report under
 *   the default policy: the status and code that belong to the error, and 4 attempts when it is retryable, else 1.
 *
 * A script that is empty, a balance that is not finite and a duration that is none throw a `PolloConfigError`.
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
export class PolloCreditsTest extends Context.Service<PolloCreditsTest, {
  /** The calls so far, oldest first. */
  readonly calls: Effect.Effect<ReadonlyArray<PolloCreditsTest.Call>>
  /** Replaces the script from the next call on. */
  readonly answer: (script: PolloCreditsTest.Script) => Effect.Effect<void>
}>()("@effect-pollo/client/testing/PolloCreditsTest") {
  /** A scripted client together with its record. */
  static readonly layer = (
    script: PolloCreditsTest.Script = 1000
  ): Layer.Layer<PolloCredits | PolloCreditsTest> => {
    const respond = compile(script)
    return Layer.effectContext(Effect.sync(() => make(respond)))
  }

  /** The calls so far, oldest first. */
  static readonly calls: Effect.Effect<ReadonlyArray<PolloCreditsTest.Call>, never, PolloCreditsTest> = PolloCreditsTest
    .use((test) => test.calls)

  /** Replaces the script from the next call on. */
  static readonly answer = (script: PolloCreditsTest.Script): Effect.Effect<void, never, PolloCreditsTest> =>
    PolloCreditsTest.use((test) => test.answer(script))

  /** The step, after a time. */
  static readonly delay = (
    duration: Duration.Input,
    step: PolloCreditsTest.Step
  ): Effect.Effect<CreditBalance, PolloError> =>
    Effect.delay(toEffect(step), Result.getOrThrow(policy.duration("delay", duration, "any")))

  /** Valid errors with few words. */
  static readonly error = scriptedErrors
}

const make = (initial: Respond): Context.Context<PolloCredits | PolloCreditsTest> => {
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
      answer: (script) => {
        const next = compile(script)
        return Effect.sync(() => {
          respond = next
          before = calls.length
        })
      }
    })
  )
}

const compile = (script: PolloCreditsTest.Script): Respond => {
  if (typeof script === "function") return (call) => toEffect(script(call))
  const steps = isList(script) ? script.map(toEffect) : [toEffect(script)]
  const last = steps.at(-1)
  if (last === undefined) throw new PolloConfigError({ field: "script", problem: "must have at least one step" })
  return (call) => steps[call - 1] ?? last
}

/** `Array.isArray` does not narrow a readonly array. */
const isList = (script: PolloCreditsTest.Step | ReadonlyArray<PolloCreditsTest.Step>): script is ReadonlyArray<
  PolloCreditsTest.Step
> => Array.isArray(script)

const toEffect = (step: PolloCreditsTest.Step): Effect.Effect<CreditBalance, PolloError> => {
  if (typeof step === "number" || "availableCredits" in step) return Effect.succeed(toBalance(step))
  return "isRetryable" in step ? Effect.fail(step) : Effect.map(step, toBalance)
}

const toBalance = (balance: PolloCreditsTest.Balance): CreditBalance => {
  const { availableCredits, totalCredits } = typeof balance === "number"
    ? { availableCredits: balance, totalCredits: 1000 }
    : balance
  if (Number.isFinite(availableCredits) && Number.isFinite(totalCredits)) {
    return new CreditBalance({ availableCredits, totalCredits })
  }
  throw new PolloConfigError({ field: "script", problem: "must give balances as finite numbers" })
}
