/** What is remembered above a single call: a server that failed and said when to come back is left alone until then. */
import * as Duration from "effect/Duration"
import {
  PolloApiError,
  type PolloError,
  PolloInvalidResponse,
  PolloRateLimited,
  PolloServerError,
  PolloTimeout,
  PolloTransportError
} from "../PolloError.ts"

export interface Outage {
  readonly error: PolloError
  /** Milliseconds, by the program's own monotonic clock. */
  readonly until: number
}

/** Milliseconds for which the server asked to be left alone, `most` at most; 0 when it did not say. */
export const asked = (error: { readonly retryAfter?: Duration.Duration | undefined }, most: number): number =>
  error.retryAfter === undefined ? 0 : Math.min(Duration.toMillis(error.retryAfter), most)

/** What somebody is told who asks meanwhile: the same, with what is left of the time, and no request. */
export const repeat = (error: PolloError, leftMillis: number): PolloError => {
  const rest = { retryAfter: Duration.millis(Math.max(0, Math.ceil(leftMillis))), attempts: 0 }
  switch (error._tag) {
    case "PolloRateLimited":
      return new PolloRateLimited({ ...error, message: error.message, ...rest })
    case "PolloServerError":
      return new PolloServerError({ ...error, message: error.message, ...rest })
    case "PolloInvalidResponse":
      return new PolloInvalidResponse({ ...error, ...rest })
    case "PolloApiError":
      return new PolloApiError({ ...error, message: error.message, attempts: 0 })
    case "PolloTransportError":
      return new PolloTransportError({ ...error, attempts: 0 })
    case "PolloTimeout":
      return new PolloTimeout({ ...error, attempts: 0 })
    default:
      // The others do not pass by themselves, so no outage begins with one.
      return error
  }
}
