/** A problem of the protocol as an error of this package. */
import type { Problem } from "@effect-pollo/protocol"
import * as Duration from "effect/Duration"
import * as Errors from "../PolloError.ts"

/** Milliseconds as a duration in a form that JSON can hold: beyond 2^53 milliseconds, it is counted in nanoseconds. */
export const encodable = (millis: number): Duration.Duration =>
  Number.isFinite(millis) && millis > Number.MAX_SAFE_INTEGER
    ? Duration.nanos(BigInt(millis) * 1_000_000n)
    : Duration.millis(millis)

const classes = {
  PolloBadRequest: Errors.PolloBadRequest,
  PolloUnauthorized: Errors.PolloUnauthorized,
  PolloForbidden: Errors.PolloForbidden,
  PolloNotFound: Errors.PolloNotFound,
  PolloApiError: Errors.PolloApiError,
  PolloRateLimited: Errors.PolloRateLimited,
  PolloServerError: Errors.PolloServerError
} as const

export const toError = (problem: Problem, attempts: number): Errors.PolloError => {
  const retryAfter = "retryAfter" in problem ? problem.retryAfter : undefined
  const shared = {
    status: problem.status,
    attempts,
    ...(problem.requestId === undefined ? undefined : { requestId: problem.requestId }),
    ...(retryAfter === undefined ? undefined : { retryAfter: encodable(retryAfter) })
  }
  if (problem._tag === "PolloInvalidResponse") {
    return new Errors.PolloInvalidResponse({ ...shared, reason: problem.reason })
  }
  const { code, message } = problem
  return new classes[problem._tag]({ ...shared, code, message, issues: problem.issues.map((message) => ({ message })) })
}
