/**
 * How long to wait and how often to ask again: one policy, used by the one retry loop of this package.
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { badRequest } from "./internal/badInput.ts"
import * as policy from "./internal/call/policy.ts"
import type { PolloBadRequest } from "./PolloError.ts"

/**
 * The timeouts and retries of a call.
 *
 * @category models
 * @since 0.1.0
 */
export interface RequestPolicy {
  /**
   * One attempt, to the last byte of the body.
   *
   * @default "5 seconds"
   */
  readonly attemptTimeout: Duration.Input
  /**
   * Everything: attempts and waits. A wait that cannot fit fails at once with the last error.
   *
   * @default "30 seconds"
   */
  readonly deadline: Duration.Input
  /**
   * A whole number. Requests sent are never more than `maxRetries + 1`, whatever the mix of failures.
   *
   * @default 3
   */
  readonly maxRetries: number
  /** The wait before a retry. */
  readonly backoff: RequestPolicy.Backoff
  /**
   * The longest `Retry-After` that is obeyed; beyond it the call fails at once with the error that carries it.
   *
   * @default "20 seconds"
   */
  readonly maxRetryAfter: Duration.Input
}

/**
 * @since 0.1.0
 */
export declare namespace RequestPolicy {
  /**
   * Wait n (from 0) is `min(base × factorⁿ, max)`, lengthened, never shortened, by up to `jitter` of itself.
   *
   * @category models
   * @since 0.1.0
   */
  export interface Backoff {
    /** @default "250 millis" */
    readonly base: Duration.Input
    /**
     * At least 1.
     *
     * @default 2
     */
    readonly factor: number
    /** @default "8 seconds" */
    readonly max: Duration.Input
    /**
     * A share of the wait, at least 0.
     *
     * @default 0.25
     */
    readonly jitter: number
  }

  /**
   * Any part of a policy; what is absent keeps its default.
   *
   * @category models
   * @since 0.1.0
   */
  export type Input =
    & { readonly [K in Exclude<keyof RequestPolicy, "backoff">]?: RequestPolicy[K] | undefined }
    & { readonly backoff?: { readonly [K in keyof Backoff]?: Backoff[K] | undefined } | undefined }

  /**
   * A whole policy with every duration decoded.
   *
   * @category models
   * @since 0.1.0
   */
  export interface Resolved extends RequestPolicy {
    readonly attemptTimeout: Duration.Duration
    readonly deadline: Duration.Duration
    readonly backoff: {
      readonly base: Duration.Duration
      readonly factor: number
      readonly max: Duration.Duration
      readonly jitter: number
    }
    readonly maxRetryAfter: Duration.Duration
  }
}

const make = (input: RequestPolicy.Input): RequestPolicy.Resolved =>
  policy.apply(policy.defaults, Result.getOrThrow(policy.validate(input)))

const override = (
  input: RequestPolicy.Input
): <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E | PolloBadRequest, R> => {
  const validated = policy.validate(input)
  return (self) =>
    Result.isFailure(validated)
      ? Effect.fail(badRequest(validated.failure))
      : Effect.updateService(self, policy.CurrentOverride, (outer) => policy.merge(outer, validated.success))
}

/**
 * Constructors and the per-call override of a `RequestPolicy`.
 *
 * **Details**
 *
 * - `make(input)` completes `input` with the defaults. It throws a `PolloConfigError` for a value no policy can hold;
 *   `PolloCredits.layer` reports the same error in its error channel.
 * - `defaults` is the policy of a client that was given none.
 * - `none` is the default policy without its retries. It is a whole policy: to drop only the retries of one call, use
 *   `override({ maxRetries: 0 })`.
 * - `override(input)` replaces parts of the policy for one effect. Of two that overlap the inner one wins. A value no
 *   policy can hold fails the effect with a `PolloBadRequest`, `attempts: 0`, that names the field; nothing is sent.
 *
 * **Example** (One quick attempt)
 *
 * ```ts
 * import { PolloCredits, RequestPolicy } from "@effect-pollo/client"
 *
 * const quick = PolloCredits.getBalance.pipe(
 *   RequestPolicy.override({ maxRetries: 0, deadline: "2 seconds" })
 * )
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const RequestPolicy: {
  readonly make: (input: RequestPolicy.Input) => RequestPolicy.Resolved
  readonly defaults: RequestPolicy.Resolved
  readonly none: RequestPolicy.Resolved
  readonly override: (
    input: RequestPolicy.Input
  ) => <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E | PolloBadRequest, R>
} = {
  make,
  defaults: policy.defaults,
  none: make({ maxRetries: 0 }),
  override
}
