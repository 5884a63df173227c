/** The one retry loop. It asks each error whether it is retryable and never looks at a status itself. */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import { type PolloError, PolloTimeout } from "../PolloError.ts"
import type { RequestPolicy } from "../RequestPolicy.ts"

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
  for (let number = 1;; number++) {
    const left = remaining(policy, yield* Clock.monotonicTimeNanos, started)
    const exit = yield* Effect.result(limited(attempt(number), policy, left, number))
    if (exit._tag === "Success") return exit.success

    const error = exit.failure
    if (!error.isRetryable || number > policy.maxRetries) return yield* error
    const wait = yield* waitBefore(number, error, policy)
    if (wait === undefined) return yield* error
    const leftNow = remaining(policy, yield* Clock.monotonicTimeNanos, started)
    if (Duration.isGreaterThanOrEqualTo(wait, leftNow)) return yield* error
    yield* Effect.sleep(wait)
  }
})

const remaining = (policy: RequestPolicy.Resolved, now: bigint, started: bigint): Duration.Duration =>
  Duration.subtract(policy.deadline, Duration.nanos(now - started))

const limited = <A, R>(
  attempt: Effect.Effect<A, PolloError, R>,
  policy: RequestPolicy.Resolved,
  left: Duration.Duration,
  number: number
): Effect.Effect<A, PolloError, R> => {
  const phase = Duration.isLessThanOrEqualTo(left, policy.attemptTimeout) ? "deadline" : "attempt"
  const duration = phase === "deadline" ? left : policy.attemptTimeout
  if (!Duration.isFinite(duration)) return attempt
  return Effect.timeoutOrElse(attempt, {
    duration,
    orElse: () =>
      Effect.fail(
        new PolloTimeout({
          phase,
          timeout: phase === "deadline" ? policy.deadline : policy.attemptTimeout,
          attempts: number
        })
      )
  })
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
