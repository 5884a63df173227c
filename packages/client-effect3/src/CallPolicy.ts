/** The timeouts and retries of a call, as types. `RequestPolicy` hands them on in its namespace. */
import type * as Duration from "effect/Duration"

/** Any part of a policy; what is absent keeps its default. */
export interface Input {
  /** One attempt, to the last byte of the body. Longer than zero; 5 seconds by default. */
  readonly attemptTimeout?: Duration.DurationInput | undefined
  /** Everything: attempts and waits. A wait that cannot fit fails at once. Longer than zero; 30 seconds by default. */
  readonly deadline?: Duration.DurationInput | undefined
  /** Requests sent are never more than `maxRetries + 1`. A whole number, 3 by default. */
  readonly maxRetries?: number | undefined
  /** Wait n (from 0) is `min(base × factorⁿ, max)`, lengthened by up to `jitter` of itself. */
  readonly backoff?: BackoffInput | undefined
  /** The longest `Retry-After` that is obeyed; beyond it the call fails at once. 20 seconds by default. */
  readonly maxRetryAfter?: Duration.DurationInput | undefined
}

/** Any part of the backoff: 250 millis, times 2, at most 8 seconds, with a jitter of 0.25 by default. */
export interface BackoffInput {
  readonly base?: Duration.DurationInput | undefined
  readonly factor?: number | undefined
  readonly max?: Duration.DurationInput | undefined
  readonly jitter?: number | undefined
}

/** A whole policy with every duration decoded. */
export interface Resolved {
  readonly attemptTimeout: Duration.Duration
  readonly deadline: Duration.Duration
  readonly maxRetries: number
  readonly backoff: {
    readonly base: Duration.Duration
    readonly factor: number
    readonly max: Duration.Duration
    readonly jitter: number
  }
  readonly maxRetryAfter: Duration.Duration
}
