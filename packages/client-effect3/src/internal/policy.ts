/**
 * Checks, merges and carries policies. A patch holds only fields that were given, so merging never undoes a default.
 */
import * as Either from "effect/Either"
import * as FiberRef from "effect/FiberRef"
import { globalValue } from "effect/GlobalValue"
import { PolloConfigError } from "../PolloConfigError.ts"
import type * as CallPolicy from "../CallPolicy.ts"
import * as check from "./check.ts"

const backoff = { base: check.duration, factor: check.atLeast(1), max: check.duration, jitter: check.atLeast(0) }
const times = {
  attemptTimeout: check.positiveDuration,
  deadline: check.positiveDuration,
  maxRetries: check.wholeNumber(0),
  maxRetryAfter: check.duration
}

export const patch = check.fields({ ...times, backoff: check.fields(backoff) })
export const closedPatch = check.fields({ ...times, backoff: check.fields(backoff, { closed: true }) }, {
  closed: true
})

export type Patch = ReturnType<typeof patch>

export const merge = (outer: Patch, inner: Patch): Patch => ({
  ...outer,
  ...inner,
  backoff: { ...outer.backoff, ...inner.backoff }
})

export const apply = (policy: CallPolicy.Resolved, patch: Patch): CallPolicy.Resolved => ({
  ...policy,
  ...patch,
  backoff: { ...policy.backoff, ...patch.backoff }
})

/** What `RequestPolicy.override` put around the current call. */
export const currentOverride: FiberRef.FiberRef<Patch> = globalValue(
  "@effect-pollo/client-effect3/RequestPolicy/currentOverride",
  () => FiberRef.unsafeMake<Patch>({})
)

/** The result of a check as a value. Any other error was thrown by a getter of the caller while its field was read. */
export const attempt = <A>(run: () => A): Either.Either<A, PolloConfigError> =>
  Either.try({
    try: run,
    catch: (error) =>
      error instanceof PolloConfigError
        ? error
        : new PolloConfigError({ field: "options", problem: "could not be read" })
  })
