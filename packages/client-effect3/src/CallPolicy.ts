/** The timeouts and retries of a call, as types. `RequestPolicy` exports them again in its namespace. */
import type * as Duration from "effect/Duration"

/** Any part of a policy; an absent field keeps its default. */
export interface Input {
  /** The time for one attempt, to the last byte of the body. Longer than zero; 5 seconds by default. */
  readonly attemptTimeout?: Duration.DurationInput | undefined
  /**
   * The time for the whole call: all attempts and waits. If the next wait does not fit, the call fails at once. Longer
   * than zero; 30 seconds by default.
   */
  readonly deadline?: Duration.DurationInput | undefined
  /** The most retries: a call never sends more than `maxRetries + 1` requests. A whole number, 3 by default. */
  readonly maxRetries?: number | undefined
  /** Wait n (from 0) is `min(base × factorⁿ, max)`, made longer at random by up to `jitter` of itself. */
  readonly backoff?: BackoffInput | undefined
  /**
   * The longest `Retry-After` that is obeyed. If the server asks for a longer wait, the call fails at once. 20 seconds
   * by default.
   */
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
