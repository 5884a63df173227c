/**
 * The timeouts and retries of a call, as types. `RequestPolicy` exports them again in its namespace.
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"

/** Any part of a policy; an absent field keeps its default. */
export interface Input {
  /**
   * The time for one attempt, to the last byte of the body. Longer than zero; `"Infinity"` for no limit.
   *
   * @default "5 seconds"
   */
  readonly attemptTimeout?: Duration.Input | undefined
  /**
   * The time for the whole call: all attempts and the waits between them. If the next wait does not fit, the call fails
   * at once with the last error. Longer than zero; `"Infinity"` for no limit.
   *
   * @default "30 seconds"
   */
  readonly deadline?: Duration.Input | undefined
  /**
   * The most retries, a whole number. A call never sends more than `maxRetries + 1` requests, whatever the failures
   * are.
   *
   * @default 3
   */
  readonly maxRetries?: number | undefined
  /** The wait before a retry. */
  readonly backoff?: BackoffInput | undefined
  /**
   * The longest `Retry-After` that is obeyed. If the server asks for a longer wait, the call fails at once with the
   * error that carries the `retryAfter`.
   *
   * @default "20 seconds"
   */
  readonly maxRetryAfter?: Duration.Input | undefined
}

/** Any part of a `Backoff`; an absent field keeps its default. */
export interface BackoffInput {
  /**
   * The wait before the first retry.
   *
   * @default "250 millis"
   */
  readonly base?: Duration.Input | undefined
  /**
   * The factor by which each wait is longer than the one before. At least 1.
   *
   * @default 2
   */
  readonly factor?: number | undefined
  /**
   * The longest wait, without its `jitter`.
   *
   * @default "8 seconds"
   */
  readonly max?: Duration.Input | undefined
  /**
   * How much is added to each wait at random, at most: a share of the wait, at least 0.
   *
   * @default 0.25
   */
  readonly jitter?: number | undefined
}

/** Wait n (from 0) is `min(base × factorⁿ, max)`, made longer at random by up to `jitter` of itself, never shorter. */
export interface Backoff extends BackoffInput {
  readonly base: Duration.Input
  readonly factor: number
  readonly max: Duration.Input
  readonly jitter: number
}

/** The timeouts and retries of a call: every field of an `Input`. */
export interface Whole extends Input {
  readonly attemptTimeout: Duration.Input
  readonly deadline: Duration.Input
  readonly maxRetries: number
  readonly backoff: Backoff
  readonly maxRetryAfter: Duration.Input
}

/** A whole policy with every duration decoded. */
export interface Resolved extends Whole {
  readonly attemptTimeout: Duration.Duration
  readonly deadline: Duration.Duration
  readonly backoff: ResolvedBackoff
  readonly maxRetryAfter: Duration.Duration
}

/** A whole `Backoff` with its durations decoded. */
export interface ResolvedBackoff extends Backoff {
  readonly base: Duration.Duration
  readonly max: Duration.Duration
}
