/**
 * How long to wait and how often to ask again: one policy, used by the one retry loop of this package.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type * as model from "./CallPolicy.ts"
import * as policy from "./internal/call/policy.ts"
import { PolloConfigError } from "./PolloConfigError.ts"

/**
 * The timeouts and retries of a call: every field of a `RequestPolicy.Input`.
 *
 * @category models
 * @since 0.1.0
 */
export type RequestPolicy = model.Whole

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
  export type Input = model.Input

  /**
   * Any part of a `Backoff`; what is absent keeps its default.
   *
   * @category models
   * @since 0.1.0
   */
  export type BackoffInput = model.BackoffInput

  /**
   * Wait n (from 0) is `min(base × factorⁿ, max)`, lengthened, never shortened, by up to `jitter` of itself.
   *
   * @category models
   * @since 0.1.0
   */
  export type Backoff = model.Backoff

  /**
   * A whole policy with every duration decoded.
   *
   * @category models
   * @since 0.1.0
   */
  export type Resolved = model.Resolved

  /**
   * A whole `Backoff` with its durations decoded.
   *
   * @category models
   * @since 0.1.0
   */
  export type ResolvedBackoff = model.ResolvedBackoff
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
