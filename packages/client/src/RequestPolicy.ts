/**
 * How long to wait and how often to ask again: one policy, used by the one retry loop of this package.
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as policy from "./internal/call/policy.ts"
import { PolloConfigError } from "./PolloConfigError.ts"

/**
 * The timeouts and retries of a call: every field of a `RequestPolicy.Input`.
 *
 * @category models
 * @since 0.1.0
 */
export interface RequestPolicy extends RequestPolicy.Input {
  readonly attemptTimeout: Duration.Input
  readonly deadline: Duration.Input
  readonly maxRetries: number
  readonly backoff: RequestPolicy.Backoff
  readonly maxRetryAfter: Duration.Input
}

/**
 * @since 0.1.0
 */
export declare namespace RequestPolicy {
  /**
   * Any part of a policy; what is absent keeps its default.
   *
   * @category models
   * @since 0.1.0
   */
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

  /**
   * Any part of a `Backoff`; what is absent keeps its default.
   *
   * @category models
   * @since 0.1.0
   */
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

  /**
   * Wait n (from 0) is `min(base × factorⁿ, max)`, lengthened, never shortened, by up to `jitter` of itself.
   *
   * @category models
   * @since 0.1.0
   */
  export interface Backoff extends BackoffInput {
    readonly base: Duration.Input
    readonly factor: number
    readonly max: Duration.Input
    readonly jitter: number
  }

  /**
   * A whole policy with every duration decoded.
   *
   * @category models
   * @since 0.1.0
   */
  export interface Resolved extends RequestPolicy {
    readonly attemptTimeout: Duration.Duration
    readonly deadline: Duration.Duration
    readonly backoff: ResolvedBackoff
    readonly maxRetryAfter: Duration.Duration
  }

  /**
   * A whole `Backoff` with its durations decoded.
   *
   * @category models
   * @since 0.1.0
   */
  export interface ResolvedBackoff extends Backoff {
    readonly base: Duration.Duration
    readonly max: Duration.Duration
  }
}

const validated = (input: unknown): policy.Patch => Result.getOrThrow(policy.patch("policy", input))

const make = (input: RequestPolicy.Input): RequestPolicy.Resolved => policy.apply(policy.defaults, validated(input))

const overridden = (patch: policy.Patch) => <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.updateService(self, policy.CurrentOverride, (outer) => policy.merge(outer, patch))

/** `Function.dual` would check the policy of the data-last form only once there is an effect. */
function override(input: RequestPolicy.Input): <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
function override<A, E, R>(self: Effect.Effect<A, E, R>, input: RequestPolicy.Input): Effect.Effect<A, E, R>
function override<A, E, R>(
  ...args: readonly [input: RequestPolicy.Input] | readonly [self: Effect.Effect<A, E, R>, input: RequestPolicy.Input]
) {
  return args.length === 1 ? overridden(validated(args[0])) : overridden(validated(args[1]))(anEffect(args[0]))
}

const anEffect = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> => {
  if (Effect.isEffect(self)) return self
  throw new PolloConfigError({ field: "self", problem: "must be an Effect" })
}

/**
 * The timeouts and retries of a client or of one call: what makes a policy, and what puts it around a call.
 *
 * **Details**
 *
 * `make` and `override` are for what a programmer wrote: they throw a `PolloConfigError` on what no policy can hold,
 * and so add nothing to the errors of a call. For values from outside there is `parse`.
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
  /**
   * Completes `input` with the defaults.
   *
   * **Details**
   *
   * Throws a `PolloConfigError` that names the field when no policy can hold its value. `PolloCredits.layer` reports
   * the same error in its error channel.
   */
  readonly make: (input: RequestPolicy.Input) => RequestPolicy.Resolved
  /** The policy of a client that was given none. */
  readonly defaults: RequestPolicy.Resolved
  /**
   * The default policy without its retries.
   *
   * **Gotchas**
   *
   * It is a whole policy. To drop only the retries of one call, use `override({ maxRetries: 0 })`.
   */
  readonly none: RequestPolicy.Resolved
  /**
   * Replaces parts of the client's policy for the calls within one effect. Of two that overlap the inner one wins,
   * field by field.
   *
   * **Details**
   *
   * Throws a `PolloConfigError` that names the field when no policy can hold its value.
   */
  readonly override: {
    (input: RequestPolicy.Input): <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
    <A, E, R>(self: Effect.Effect<A, E, R>, input: RequestPolicy.Input): Effect.Effect<A, E, R>
  }
  /**
   * Checks a value from outside, such as a part of a JSON file, for `make`, `override` and the options of a client.
   *
   * **Details**
   *
   * Fails with a `PolloConfigError` that names the field. A field that no policy has is refused too, since a misspelt
   * one would otherwise be ignored without a word; in code, TypeScript does that.
   *
   * **Example** (A policy from a file)
   *
   * ```ts
   * import { PolloCredits, RequestPolicy } from "@effect-pollo/client"
   * import { Effect } from "effect"
   *
   * export const readBalance = (file: unknown) =>
   *   Effect.fromResult(RequestPolicy.parse(file)).pipe(
   *     Effect.flatMap((policy) => RequestPolicy.override(PolloCredits.getBalance, policy))
   *   )
   * ```
   */
  readonly parse: (input: unknown) => Result.Result<RequestPolicy.Input, PolloConfigError>
} = {
  make,
  defaults: policy.defaults,
  none: make({ maxRetries: 0 }),
  override,
  parse: (input) => policy.closedPatch("policy", input)
}
