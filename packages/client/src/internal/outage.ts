/**
 * The memory of an outage over several calls: a server that failed and said when to come back gets no request before
 * that time.
 */
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
  /** The end of the pause in milliseconds, by the program's monotonic clock. */
  readonly until: number
}

/** For how many milliseconds the server asked for no request, `most` at most; 0 if it did not say. */
export const asked = (error: { readonly retryAfter?: Duration.Duration | undefined }, most: number): number =>
  error.retryAfter === undefined ? 0 : Math.min(Duration.toMillis(error.retryAfter), most)

/** The error for calls during the pause: the same error, with the time that is left and `attempts: 0`. */
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
      // The other errors do not pass by themselves, so none of them begins an outage.
      return error
  }
}
