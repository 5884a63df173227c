/** Checks, merges and stores policies. Patches hold only fields that were given, so that merging cannot undo a default. */
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import { PolloConfigError } from "../../PolloConfigError.ts"
import type { RequestPolicy } from "../../RequestPolicy.ts"

type Mutable<A> = { -readonly [K in keyof A]: A[K] }

/** The validated part of a policy that a caller gave. */
export type Patch = Partial<Omit<RequestPolicy.Resolved, "backoff">> & {
  readonly backoff?: Partial<RequestPolicy.Resolved["backoff"]>
}

export const defaults: RequestPolicy.Resolved = {
  attemptTimeout: Duration.seconds(5),
  deadline: Duration.seconds(30),
  maxRetries: 3,
  backoff: { base: Duration.millis(250), factor: 2, max: Duration.seconds(8), jitter: 0.25 },
  maxRetryAfter: Duration.seconds(20)
}

/** The override of a call that has none. */
export const noOverride: Patch = {}

/** What `RequestPolicy.override` put around the current call. */
export const CurrentOverride = Context.Reference<Patch>("@effect-pollo/client/RequestPolicy/CurrentOverride", {
  defaultValue: () => noOverride
})

export const merge = (outer: Patch, inner: Patch): Patch => {
  const merged: Mutable<Patch> = { ...outer, ...inner }
  if (outer.backoff !== undefined && inner.backoff !== undefined) {
    merged.backoff = { ...outer.backoff, ...inner.backoff }
  }
  return merged
}

export const apply = (policy: RequestPolicy.Resolved, patch: Patch): RequestPolicy.Resolved => ({
  ...policy,
  ...patch,
  backoff: { ...policy.backoff, ...patch.backoff }
})

/** Decodes what was given, or names the first field that no policy can hold. */
export const validate = (input: RequestPolicy.Input): Result.Result<Patch, PolloConfigError> =>
  Result.gen(function*() {
    const { backoff, ...rest } = input
    const patch: Mutable<Patch> = {}
    if (rest.attemptTimeout !== undefined) {
      patch.attemptTimeout = yield* duration("policy.attemptTimeout", rest.attemptTimeout, "positive")
    }
    if (rest.deadline !== undefined) patch.deadline = yield* duration("policy.deadline", rest.deadline, "positive")
    if (rest.maxRetries !== undefined) patch.maxRetries = yield* maxRetries(rest.maxRetries)
    if (rest.maxRetryAfter !== undefined) {
      patch.maxRetryAfter = yield* duration("policy.maxRetryAfter", rest.maxRetryAfter, "any")
    }
    if (Predicate.isObject(backoff)) {
      const given: Mutable<NonNullable<Patch["backoff"]>> = {}
      if (backoff.base !== undefined) given.base = yield* duration("policy.backoff.base", backoff.base, "any")
      if (backoff.factor !== undefined) given.factor = yield* atLeast("policy.backoff.factor", backoff.factor, 1)
      if (backoff.max !== undefined) given.max = yield* duration("policy.backoff.max", backoff.max, "any")
      if (backoff.jitter !== undefined) given.jitter = yield* atLeast("policy.backoff.jitter", backoff.jitter, 0)
      patch.backoff = given
    }
    return patch
  })

const refuse = (field: string, problem: string) => Result.fail(new PolloConfigError({ field, problem }))

export const duration = (
  field: string,
  input: Duration.Input,
  range: "positive" | "any"
): Result.Result<Duration.Duration, PolloConfigError> => {
  const decoded = typeof input === "number" && Number.isNaN(input) ? Option.none() : Duration.fromInput(input)
  if (Option.isNone(decoded)) {
    return refuse(field, "must be a duration, such as \"5 seconds\" or a number of milliseconds")
  }
  if (Duration.isNegative(decoded.value)) return refuse(field, "must not be negative")
  if (range === "positive" && Duration.isZero(decoded.value)) return refuse(field, "must be longer than zero")
  return Result.succeed(decoded.value)
}

const maxRetries = (input: number) =>
  Number.isSafeInteger(input) && input >= 0
    ? Result.succeed(input)
    : refuse("policy.maxRetries", "must be a whole number, 0 or more")

const atLeast = (field: string, input: number, least: number): Result.Result<number, PolloConfigError> =>
  Number.isFinite(input) && input >= least
    ? Result.succeed(input)
    : refuse(field, `must be a finite number, ${least} or more`)
