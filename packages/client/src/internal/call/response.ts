/** A verdict of the protocol as a value of this package. */
import type { Problem } from "@effect-pollo/protocol"
import * as Duration from "effect/Duration"
import * as PolloError from "../../PolloError.ts"
import { encodable } from "../encodable.ts"

export const toError = (problem: Problem, attempts: number): PolloError.PolloError => {
  const requestId = problem.requestId === undefined ? undefined : { requestId: problem.requestId }
  if (problem._tag === "PolloInvalidResponse") {
    const { reason, retryAfter, status } = problem
    return new PolloError.PolloInvalidResponse({ reason, status, attempts, ...requestId, ...patience(retryAfter) })
  }
  const { code, message, status } = problem
  const said = { status, code, message, issues: problem.issues.map((message) => ({ message })), attempts, ...requestId }
  switch (problem._tag) {
    case "PolloBadRequest":
      return new PolloError.PolloBadRequest(said)
    case "PolloUnauthorized":
      return new PolloError.PolloUnauthorized(said)
    case "PolloForbidden":
      return new PolloError.PolloForbidden(said)
    case "PolloNotFound":
      return new PolloError.PolloNotFound(said)
    case "PolloRateLimited":
      return new PolloError.PolloRateLimited({ ...said, ...patience(problem.retryAfter) })
    case "PolloServerError":
      return new PolloError.PolloServerError({ ...said, ...patience(problem.retryAfter) })
    case "PolloApiError":
      return new PolloError.PolloApiError(said)
  }
}

const patience = (retryAfter: number | undefined) =>
  retryAfter === undefined ? undefined : { retryAfter: encodable(Duration.millis(retryAfter)) }
