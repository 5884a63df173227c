import { defaultPolicy } from "@effect-pollo/protocol"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Either from "effect/Either"
import type * as model from "./CallPolicy.ts"
import * as policies from "./internal/policy.ts"
import { PolloConfigError } from "./PolloConfigError.ts"

/** @since 0.1.0 */
export declare namespace RequestPolicy {
  /** Any part of a policy; an absent field keeps its default. */
  export type Input = model.Input

  /** Any part of the backoff: 250 millis, times 2, at most 8 seconds, with a jitter of 0.25 by default. */
  export type BackoffInput = model.BackoffInput

  /** A whole policy with every duration decoded. */
  export type Resolved = model.Resolved
}

const defaults: RequestPolicy.Resolved = {
  attemptTimeout: Duration.millis(defaultPolicy.attemptTimeout),
  deadline: Duration.millis(defaultPolicy.deadline),
  maxRetries: defaultPolicy.maxRetries,
  backoff: {
    ...defaultPolicy.backoff,
    base: Duration.millis(defaultPolicy.backoff.base),
    max: Duration.millis(defaultPolicy.backoff.max)
  },
  maxRetryAfter: Duration.millis(defaultPolicy.maxRetryAfter)
}

const make = (input: RequestPolicy.Input): RequestPolicy.Resolved =>
  policies.apply(defaults, policies.patch("policy", input))

const overridden = (patch: policies.Patch) => <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.locallyWith(self, policies.currentOverride, (outer) => policies.merge(outer, patch))

/** The policy is checked when `override` is called, also in the data-last form, where the effect comes later. */
function override(input: RequestPolicy.Input): <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
function override<A, E, R>(self: Effect.Effect<A, E, R>, input: RequestPolicy.Input): Effect.Effect<A, E, R>
function override<A, E, R>(
  ...args: readonly [input: RequestPolicy.Input] | readonly [self: Effect.Effect<A, E, R>, input: RequestPolicy.Input]
) {
  if (args.length === 1) return overridden(policies.patch("policy", args[0]))
  const [self, input] = args
  if (!Effect.isEffect(self)) throw new PolloConfigError({ field: "self", problem: "must be an Effect" })
  return overridden(policies.patch("policy", input))(self)
}

/**
 * The timeouts and retries of a client or of one call.
 *
 * @since 0.1.0
 */
export const RequestPolicy: {
  /** Completes `input` with the defaults. Throws a `PolloConfigError` for an invalid value. */
  readonly make: (input: RequestPolicy.Input) => RequestPolicy.Resolved
  /** The policy of a client that has none of its own. */
  readonly defaults: RequestPolicy.Resolved
  /** The default policy without its retries. */
  readonly none: RequestPolicy.Resolved
  /**
   * Replaces parts of the client's policy for the calls within one effect. If overrides are nested, the inner one wins,
   * field by field. Throws a `PolloConfigError` for an invalid value.
   */
  readonly override: typeof override
  /** Checks a value from outside. An unknown field is a mistake too. */
  readonly parse: (input: unknown) => Either.Either<RequestPolicy.Input, PolloConfigError>
} = {
  make,
  defaults,
  none: make({ maxRetries: 0 }),
  override,
  parse: (input) => policies.attempt(() => policies.closedPatch("policy", input))
}
