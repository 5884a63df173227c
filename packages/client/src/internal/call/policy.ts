/**
 * Checks, merges and stores policies. Patches hold only fields that were given, so that merging cannot undo a default.
 */
import { defaultPolicy } from "@effect-pollo/protocol"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import type * as CallPolicy from "../../CallPolicy.ts"
import * as check from "../options.ts"

type Mutable<A> = { -readonly [K in keyof A]: A[K] }

/** The validated part of a policy that a caller gave. */
export type Patch = Partial<Omit<CallPolicy.Resolved, "backoff">> & {
  readonly backoff?: Partial<CallPolicy.Resolved["backoff"]>
}

export const defaults: CallPolicy.Resolved = {
  ...defaultPolicy,
  attemptTimeout: Duration.millis(defaultPolicy.attemptTimeout),
  deadline: Duration.millis(defaultPolicy.deadline),
  backoff: {
    ...defaultPolicy.backoff,
    base: Duration.millis(defaultPolicy.backoff.base),
    max: Duration.millis(defaultPolicy.backoff.max)
  },
  maxRetryAfter: Duration.millis(defaultPolicy.maxRetryAfter)
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

export const apply = (policy: CallPolicy.Resolved, patch: Patch): CallPolicy.Resolved => ({
  ...policy,
  ...patch,
  backoff: { ...policy.backoff, ...patch.backoff }
})

const backoff = { base: check.duration, factor: check.atLeast(1), max: check.duration, jitter: check.atLeast(0) }

const fields = {
  attemptTimeout: check.positiveDuration,
  deadline: check.positiveDuration,
  maxRetries: check.wholeNumber(0),
  maxRetryAfter: check.duration
}

/** Decodes the given fields, or names the first invalid one. */
export const patch: check.Check<Patch> = check.partial({ ...fields, backoff: check.partial(backoff) })

/** As `patch`, but refuses fields that a policy does not have. */
export const closedPatch: check.Check<Patch> = /* @__PURE__ */ check.closed({
  ...fields,
  backoff: /* @__PURE__ */ check.closed(backoff)
})
