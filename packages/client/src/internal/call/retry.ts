/** The one retry loop. It asks each error whether it is retryable and never looks at a status itself. */
import { errorBodyMillis, waitBefore } from "@effect-pollo/protocol"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Random from "effect/Random"
import * as Result from "effect/Result"
import type { CreditBalance } from "../../CreditBalance.ts"
import { type PolloError, PolloTimeout } from "../../PolloError.ts"
import type * as CallPolicy from "../../CallPolicy.ts"
import { encodable } from "../encodable.ts"
import type { Attempt } from "./attempt.ts"

/**
 * Runs `attempt` under the policy.
 *
 * An attempt may last as long as `attemptTimeout` and the rest of the deadline both allow. Elapsed time is monotonic,
 * so setting the machine's clock does not move the deadline. A call that succeeds at once does no work for retries.
 */
export const retry = (
  attempt: Attempt,
  policy: CallPolicy.Resolved
): Effect.Effect<CreditBalance, PolloError> =>
  Effect.withFiber((fiber) => {
    const clock = fiber.getRef(Clock.Clock)
    const started = clock.monotonicTimeNanosUnsafe()
    const left = () => Duration.subtract(policy.deadline, Duration.nanos(clock.monotonicTimeNanosUnsafe() - started))
    return limited(attempt, 1, policy, policy.deadline).pipe(
      Effect.catch((error) =>
        error.isRetryable && policy.maxRetries > 0 ? again(error, attempt, policy, left) : Effect.fail(error)
      )
    )
  })

const again = Effect.fnUntraced(function*(
  first: PolloError,
  attempt: Attempt,
  policy: CallPolicy.Resolved,
  left: () => Duration.Duration
): Effect.fn.Return<CreditBalance, PolloError> {
  const backoff = {
    ...policy.backoff,
    base: Duration.toMillis(policy.backoff.base),
    max: Duration.toMillis(policy.backoff.max)
  }
  const maxRetryAfter = Duration.toMillis(policy.maxRetryAfter)
  let error = first
  for (let number = 1; error.isRetryable && number <= policy.maxRetries; number++) {
    const millis = waitBefore(number, { backoff, maxRetryAfter }, yield* Random.next, retryAfterMillis(error))
    if (millis === undefined) break
    const wait = Duration.millis(millis)
    if (Duration.isGreaterThanOrEqualTo(wait, left())) break
    yield* Effect.sleep(wait)
    const rest = left()
    // A busy machine may wake after the deadline.
    if (!Duration.isPositive(rest)) break
    const result = yield* Effect.result(limited(attempt, number + 1, policy, rest))
    if (Result.isSuccess(result)) return result.success
    error = result.failure
  }
  return yield* error
})

const retryAfterMillis = (error: PolloError): number | undefined =>
  "retryAfter" in error && error.retryAfter !== undefined ? Duration.toMillis(error.retryAfter) : undefined

const limited = (
  attempt: Attempt,
  number: number,
  policy: CallPolicy.Resolved,
  left: Duration.Duration
): Effect.Effect<CreditBalance, PolloError> =>
  Effect.withFiber((fiber) =>
    Effect.callback((resume) => {
      let known: PolloError | undefined
      let givenUp = false
      let stopWording = nothing
      // The attempt has a fiber of its own. At a timeout it is interrupted without waiting for its clean-up, so that a
      // transport that closes slowly does not delay the deadline. An interruption by the caller does wait, as it does
      // everywhere in Effect.
      const running = Effect.runForkWith(fiber.context)(attempt(number, (error) => {
        known = error
        stopWording = after(fiber, errorBodyMillis, () => giveUp(error))
      }))
      const giveUp = (error: PolloError): void => {
        stop()
        givenUp = true
        // Interrupts first, so that an observer of attempts learns of the end of this attempt before the call ends.
        running.interruptUnsafe()
        resume(Effect.fail(error))
      }
      const stop = (): void => {
        stopWording()
        stopTimeout()
      }
      let stopTimeout = nothing
      const exit = running.pollUnsafe()
      if (exit !== undefined) {
        stop()
        return resume(exit)
      }
      const phase = Duration.isLessThanOrEqualTo(left, policy.attemptTimeout) ? "deadline" : "attempt"
      const limit = phase === "deadline" ? left : policy.attemptTimeout
      if (Duration.isFinite(limit)) {
        stopTimeout = after(fiber, Duration.toMillis(limit), () => {
          const timeout = encodable(phase === "deadline" ? policy.deadline : policy.attemptTimeout)
          giveUp(known ?? new PolloTimeout({ phase, timeout, attempts: number }))
        })
      }
      running.addObserver((exit) => {
        stop()
        if (!givenUp) resume(exit)
      })
      return Effect.suspend(() => {
        stop()
        return Fiber.interrupt(running)
      })
    })
  )

const nothing = (): void => undefined

const defaultClock = Context.get(Context.empty(), Clock.Clock)
const longestTimer = 0x7fff_ffff

/**
 * Calls `run` once after `millis` on the clock of `fiber`. The returned function cancels that. With the default clock
 * no extra fiber has to wait.
 */
const after = (fiber: Fiber.Fiber<unknown, unknown>, millis: number, run: () => void): () => void => {
  const clock = fiber.getRef(Clock.Clock)
  if (clock === defaultClock && millis <= longestTimer) {
    const timer = setTimeout(run, millis)
    return () => clearTimeout(timer)
  }
  const timer = Effect.runForkWith(fiber.context)(clock.sleep(Duration.millis(millis)))
  timer.addObserver((exit) => {
    if (Exit.isSuccess(exit)) run()
  })
  return () => timer.interruptUnsafe()
}
