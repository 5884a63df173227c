/**
 * How long to wait for an answer and how often to try again: one policy, for the one retry loop of this package.
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
   * Any part of a policy; an absent field keeps its default.
   *
   * @category models
   * @since 0.1.0
   */
  export type Input = model.Input

  /**
   * Any part of a `Backoff`; an absent field keeps its default.
   *
   * @category models
   * @since 0.1.0
   */
  export type BackoffInput = model.BackoffInput

  /**
   * Wait n (from 0) is `min(base × factorⁿ, max)`, made longer at random by up to `jitter` of itself, never shorter.
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

/** Not `Function.dual`: in the data-last form it would check the policy only when the effect is given. */
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
 * Makes policies, the timeouts and retries of a client or of one call, and applies them to calls.
 *
 * **Details**
 *
 * `make` and `override` are for values in code: for an invalid value they throw a `PolloConfigError`, so the error type
 * of a call stays the same. For values from outside there is `parse`.
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
   * Throws a `PolloConfigError` that names the field when its value is invalid. `PolloCredits.layer` reports the same
   * error in its error channel.
   */
  readonly make: (input: RequestPolicy.Input) => RequestPolicy.Resolved
  /** The policy of a client that has none of its own. */
  readonly defaults: RequestPolicy.Resolved
  /**
   * The default policy without its retries.
   *
   * **Gotchas**
   *
   * This is a whole policy. To drop only the retries of one call, use `override({ maxRetries: 0 })`.
   */
  readonly none: RequestPolicy.Resolved
  /**
   * Replaces parts of the client's policy for the calls within one effect. If overrides are nested, the inner one wins,
   * field by field.
   *
   * **Details**
   *
   * Throws a `PolloConfigError` that names the field when its value is invalid.
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
   * Fails with a `PolloConfigError` that names the field. An unknown field is refused too, because a misspelt one would
   * otherwise be ignored without notice; in code, TypeScript finds such fields.
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
