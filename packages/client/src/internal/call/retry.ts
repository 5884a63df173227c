/** The one retry loop. It asks each error whether it is retryable and never looks at a status itself. */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Random from "effect/Random"
import * as Result from "effect/Result"
import { type PolloError, PolloTimeout } from "../../PolloError.ts"
import type { RequestPolicy } from "../../RequestPolicy.ts"

/**
 * Runs `attempt` (told its number, from 1) under the policy.
 *
 * An attempt may not outlast `attemptTimeout` nor what is left of the deadline. Elapsed time is monotonic, so setting
 * the machine's clock neither hastens nor stretches the deadline.
 */
export const retry = Effect.fnUntraced(function*<A, R>(
  attempt: (number: number) => Effect.Effect<A, PolloError, R>,
  policy: RequestPolicy.Resolved
): Effect.fn.Return<A, PolloError, R> {
  const started = yield* Clock.monotonicTimeNanos
  const left = Effect.map(
    Clock.monotonicTimeNanos,
    (now) => Duration.subtract(policy.deadline, Duration.nanos(now - started))
  )
  for (let number = 1;; number++) {
    const result = yield* Effect.result(limited(attempt(number), policy, yield* left, number))
    if (Result.isSuccess(result)) return result.success

    const error = result.failure
    if (!error.isRetryable || number > policy.maxRetries) return yield* error
    const wait = yield* waitBefore(number, error, policy)
    if (wait === undefined) return yield* error
    if (Duration.isGreaterThanOrEqualTo(wait, yield* left)) return yield* error
    yield* Effect.sleep(wait)
    // A busy machine wakes late.
    if (!Duration.isPositive(yield* left)) return yield* error
  }
})

const limited = <A, R>(
  attempt: Effect.Effect<A, PolloError, R>,
  policy: RequestPolicy.Resolved,
  left: Duration.Duration,
  number: number
): Effect.Effect<A, PolloError, R> => {
  const phase = Duration.isLessThanOrEqualTo(left, policy.attemptTimeout) ? "deadline" : "attempt"
  const duration = phase === "deadline" ? left : policy.attemptTimeout
  if (!Duration.isFinite(duration)) return attempt
  const outOfTime = Effect.suspend(() => {
    const timeout = phase === "deadline" ? policy.deadline : policy.attemptTimeout
    return Effect.fail(new PolloTimeout({ phase, timeout, attempts: number }))
  })
  return Effect.uninterruptibleMask(Effect.fnUntraced(function*(restore) {
    const running = yield* Effect.forkDetach(restore(attempt), { startImmediately: true })
    const timer = yield* Effect.forkDetach(restore(Effect.sleep(duration)), { startImmediately: true })
    const first = Effect.callback<A, PolloError>((resume) => {
      running.addObserver(resume)
      timer.addObserver(() => resume(outOfTime))
    })
    // The clean-up of an attempt out of time is begun and not waited for: a transport that lets go slowly holds up no
    // deadline. A caller's interruption waits, as it does everywhere.
    return yield* restore(first).pipe(
      Effect.onInterrupt(() => Fiber.interrupt(running)),
      Effect.ensuring(Effect.sync(() => {
        running.interruptUnsafe()
        timer.interruptUnsafe()
      }))
    )
  }))
}

/** The wait before retry `number` (from 1), or nothing when the server asks for more patience than the policy has. */
const waitBefore = Effect.fnUntraced(function*(number: number, error: PolloError, policy: RequestPolicy.Resolved) {
  const { base, factor, jitter, max } = policy.backoff
  const plain = Math.min(Duration.toMillis(base) * factor ** (number - 1), Duration.toMillis(max))
  const backoff = Duration.millis(plain * (1 + jitter * (yield* Random.next)))
  const asked = "retryAfter" in error ? error.retryAfter : undefined
  if (asked === undefined) return backoff
  if (Duration.isGreaterThan(asked, policy.maxRetryAfter)) return undefined
  return Duration.max(asked, backoff)
})
