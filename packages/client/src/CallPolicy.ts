/**
 * The timeouts and retries of a call, as types. `RequestPolicy` hands them on in its namespace.
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"

/** Any part of a policy; what is absent keeps its default. */
export interface Input {
  /**
   * One attempt, to the last byte of the body. Longer than zero; `"Infinity"` for no limit.
   *
   * @default "5 seconds"
   */
  readonly attemptTimeout?: Duration.Input | undefined
  /**
   * Everything: attempts and waits. A wait that cannot fit fails at once with the last error. Longer than zero;
   * `"Infinity"` for no limit.
   *
   * @default "30 seconds"
   */
  readonly deadline?: Duration.Input | undefined
  /**
   * A whole number. Requests sent are never more than `maxRetries + 1`, whatever the mix of failures.
   *
   * @default 3
   */
  readonly maxRetries?: number | undefined
  /** The wait before a retry. */
  readonly backoff?: BackoffInput | undefined
  /**
   * The longest `Retry-After` that is obeyed; beyond it the call fails at once with the error that carries it.
   *
   * @default "20 seconds"
   */
  readonly maxRetryAfter?: Duration.Input | undefined
}

/** Any part of a `Backoff`; what is absent keeps its default. */
export interface BackoffInput {
  /**
   * The wait before the first retry.
   *
   * @default "250 millis"
   */
  readonly base?: Duration.Input | undefined
  /**
   * What each further wait is multiplied by. At least 1.
   *
   * @default 2
   */
  readonly factor?: number | undefined
  /**
   * The longest wait, `jitter` aside.
   *
   * @default "8 seconds"
   */
  readonly max?: Duration.Input | undefined
  /**
   * A share of the wait, at least 0.
   *
   * @default 0.25
   */
  readonly jitter?: number | undefined
}

/** Wait n (from 0) is `min(base × factorⁿ, max)`, lengthened, never shortened, by up to `jitter` of itself. */
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
