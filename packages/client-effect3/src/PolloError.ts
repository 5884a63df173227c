/**
 * Everything that can go wrong with a call, as one union. `attempts` says how many attempts were made.
 *
 * - `isRetryable`: trying again within this call may help. The retry loop has done so before you see the error.
 * - `isTransient`: the error can pass without anybody acting.
 *
 * No member holds the API key, a request, or an error of `@effect/platform`, which would print the key.
 *
 * @since 0.1.0
 */
import {
  effectiveStatus,
  invalidMessage,
  isTransientInvalid,
  isTransientStatus,
  timeoutMessage,
  transportMessage
} from "@effect-pollo/protocol"
import * as Duration from "effect/Duration"
import * as Schema from "effect/Schema"

const id = <Tag extends string>(tag: Tag) => `@effect-pollo/client-effect3/${tag}` as const

const absent = { exact: true } as const
const requestId = Schema.optionalWith(Schema.String, absent)
const patience = { retryAfter: Schema.optionalWith(Schema.Duration, absent) }

/** `code` is the server's own, or `HTTP_<status>` for an answer without the API's own error body. */
const said = {
  status: Schema.Number,
  code: Schema.String,
  message: Schema.String,
  issues: Schema.Array(Schema.Struct({ message: Schema.String })),
  requestId,
  attempts: Schema.Number
}

/** The server refused the request itself: status 400 or 422. `issues` says why. */
export class PolloBadRequest
  extends Schema.TaggedError<PolloBadRequest>(id("PolloBadRequest"))("PolloBadRequest", said)
{
  get isRetryable(): boolean {
    return false
  }
  get isTransient(): boolean {
    return false
  }
}

/** The key is missing or malformed: status 401. */
export class PolloUnauthorized
  extends Schema.TaggedError<PolloUnauthorized>(id("PolloUnauthorized"))("PolloUnauthorized", said)
{
  get isRetryable(): boolean {
    return false
  }
  get isTransient(): boolean {
    return false
  }
}

/** The key is not allowed to do this: status 403 from the API itself. */
export class PolloForbidden extends Schema.TaggedError<PolloForbidden>(id("PolloForbidden"))("PolloForbidden", said) {
  get isRetryable(): boolean {
    return false
  }
  get isTransient(): boolean {
    return false
  }
}

/** The vendor does not know the key (`code` is `NOT_FOUND`), or the base URL is wrong (`HTTP_404`). */
export class PolloNotFound extends Schema.TaggedError<PolloNotFound>(id("PolloNotFound"))("PolloNotFound", said) {
  get isRetryable(): boolean {
    return false
  }
  get isTransient(): boolean {
    return false
  }
}

/** The server asked this key to slow down: status 429. `retryAfter` is the server's own figure, if it gave one. */
export class PolloRateLimited
  extends Schema.TaggedError<PolloRateLimited>(id("PolloRateLimited"))("PolloRateLimited", { ...said, ...patience })
{
  get isRetryable(): boolean {
    return true
  }
  get isTransient(): boolean {
    return true
  }
}

/** The server, or a proxy before it, failed: any 5xx. Transient, except for 501 and 505, which no retry can change. */
export class PolloServerError
  extends Schema.TaggedError<PolloServerError>(id("PolloServerError"))("PolloServerError", { ...said, ...patience })
{
  get isRetryable(): boolean {
    return this.isTransient
  }
  get isTransient(): boolean {
    return isTransientStatus(effectiveStatus(this.status, this.code))
  }
}

/** Any other status. Transient only for 408 and 425. */
export class PolloApiError extends Schema.TaggedError<PolloApiError>(id("PolloApiError"))("PolloApiError", said) {
  get isRetryable(): boolean {
    return this.isTransient
  }
  get isTransient(): boolean {
    return isTransientStatus(effectiveStatus(this.status, this.code))
  }
}

/**
 * No complete response arrived. `code` is the transport's own, such as `ECONNREFUSED`, or the tag of a failure that a
 * `transformClient` added. The transport's own message is left out, because it may quote the request.
 */
export class PolloTransportError
  extends Schema.TaggedError<PolloTransportError>(id("PolloTransportError"))("PolloTransportError", {
    code: Schema.optionalWith(Schema.String, absent),
    attempts: Schema.Number
  })
{
  override get message(): string {
    return transportMessage(this.code)
  }
  get isRetryable(): boolean {
    return true
  }
  get isTransient(): boolean {
    return true
  }
}

/** The time for one attempt or for the whole call ran out. `timeout` is the limit that was reached. */
export class PolloTimeout extends Schema.TaggedError<PolloTimeout>(id("PolloTimeout"))("PolloTimeout", {
  phase: Schema.Literal("attempt", "deadline"),
  timeout: Schema.Duration,
  attempts: Schema.Number
}) {
  override get message(): string {
    return timeoutMessage(this.phase, Duration.format(this.timeout))
  }
  get isRetryable(): boolean {
    return this.phase === "attempt"
  }
  get isTransient(): boolean {
    return true
  }
}

/** An answer that the API's description does not cover. `status` is 0 if a browser hides the status of a redirect. */
export class PolloInvalidResponse
  extends Schema.TaggedError<PolloInvalidResponse>(id("PolloInvalidResponse"))("PolloInvalidResponse", {
    reason: Schema.Literal("NotJson", "Schema", "Redirect", "TooLarge", "Intercepted"),
    status: Schema.Number,
    requestId,
    ...patience,
    attempts: Schema.Number
  })
{
  override get message(): string {
    return invalidMessage(this.status, this.reason)
  }
  get isRetryable(): boolean {
    return false
  }
  get isTransient(): boolean {
    return isTransientInvalid(this.reason, this.status)
  }
}

/** The union as a schema; its encoded form is JSON. */
export const PolloError = Schema.Union(
  PolloBadRequest,
  PolloUnauthorized,
  PolloForbidden,
  PolloNotFound,
  PolloRateLimited,
  PolloServerError,
  PolloApiError,
  PolloTransportError,
  PolloTimeout,
  PolloInvalidResponse
)

/** The union of everything a call can fail with. */
export type PolloError = typeof PolloError.Type
