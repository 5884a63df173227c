/** The one retry loop. It asks each error whether it is retryable and never looks at a status itself. */
import { waitBefore } from "@effect-pollo/protocol"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Random from "effect/Random"
import type { CreditBalance } from "../CreditBalance.ts"
import { type PolloError, PolloTimeout } from "../PolloError.ts"
import type * as CallPolicy from "../CallPolicy.ts"
import type { Attempt } from "./attempt.ts"
import { encodable } from "./errors.ts"

/** Effect 3's clock counts nanoseconds monotonically, so setting the machine's clock does not move the deadline. */
const elapsedMillis = Effect.map(Clock.currentTimeNanos, (nanos) => Number(nanos) / 1e6)

export const retry = (
  attempt: Attempt,
  policy: CallPolicy.Resolved
): Effect.Effect<CreditBalance, PolloError> =>
  Effect.gen(function*() {
    const started = yield* elapsedMillis
    const deadline = Duration.toMillis(policy.deadline)
    const left = Effect.map(elapsedMillis, (now) => deadline - (now - started))
    const maxRetryAfter = Duration.toMillis(policy.maxRetryAfter)
    const { base, max } = policy.backoff
    const backoff = { ...policy.backoff, base: Duration.toMillis(base), max: Duration.toMillis(max) }
    for (let number = 1;; number++) {
      const result = yield* Effect.either(limited(attempt, number, policy, yield* left))
      if (Either.isRight(result)) return result.right
      const error = result.left
      if (!error.isRetryable || number > policy.maxRetries) return yield* error
      const wait = waitBefore(number, { backoff, maxRetryAfter }, yield* Random.next, retryAfterOf(error))
      if (wait === undefined || wait >= (yield* left)) return yield* error
      yield* Effect.sleep(Duration.millis(wait))
      // A busy machine may wake after the deadline.
      if ((yield* left) <= 0) return yield* error
    }
  })

const retryAfterOf = (error: PolloError): number | undefined =>
  "retryAfter" in error && error.retryAfter !== undefined ? Duration.toMillis(error.retryAfter) : undefined

/**
 * At a timeout the attempt is interrupted without waiting for its clean-up, so that a transport that closes slowly does
 * not delay the caller.
 */
const limited = (attempt: Attempt, number: number, policy: CallPolicy.Resolved, left: number) =>
  Effect.suspend(() => {
    let known: PolloError | undefined
    const allowed = Duration.toMillis(policy.attemptTimeout)
    const phase = left <= allowed ? "deadline" : "attempt"
    const timeout = encodable(Duration.toMillis(phase === "deadline" ? policy.deadline : policy.attemptTimeout))
    return Effect.disconnect(attempt(number, (error) => {
      known = error
    })).pipe(
      Effect.timeoutFail({
        duration: Duration.millis(Math.min(left, allowed)),
        onTimeout: () => known ?? new PolloTimeout({ phase, timeout, attempts: number })
      })
    )
  })
