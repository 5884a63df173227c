/**
 * Everything that can go wrong with a call, as one flat union of tagged errors.
 *
 * **Details**
 *
 * Each member says how many attempts were made (`attempts`) and two things about asking again:
 *
 * - `isRetryable`: trying again within this call may help. The retry loop has done so before you see the error.
 * - `isTransient`: the error can pass without anybody acting. The cache, the watch and waiting reservations go by it.
 *   A program can use it to decide whether to go on or to call somebody.
 *
 * No member holds the API key, a request, or the transport's own error: text from the server is scrubbed of the key
 * first.
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
import type * as fields from "./internal/errorFields.ts"

const id = <Tag extends string>(tag: Tag) => `@effect-pollo/client/${tag}` as const

const serverSaid = {
  status: Schema.Number,
  /**
   * The server's own code, such as `UNAUTHORIZED`; `HTTP_<status>` for an answer without the API's own error body,
   * which then mostly comes from a server in front of the API. At most 1,000 characters.
   */
  code: Schema.String,
  message: Schema.String,
  issues: Schema.Array(Schema.Struct({ message: Schema.String })),
  requestId: Schema.optionalKey(Schema.String),
  attempts: Schema.Number
}

/**
 * The server refused the request itself: status 400 or 422. `issues` says why. A mistake in what a caller passes to
 * this package is a `PolloConfigError`, never this error.
 *
 * @category errors
 * @since 0.1.0
 */
export class PolloBadRequest
  extends Schema.TaggedError<PolloBadRequest, fields.ServerSaid>(id("PolloBadRequest"))("PolloBadRequest", serverSaid)
{
  override get isRetryable(): boolean {
    return false
  }
  override get isTransient(): boolean {
    return false
  }
}

/**
 * The key is missing or malformed: status 401. A well-formed key that the vendor does not know is a `PolloNotFound`.
 *
 * @category errors
 * @since 0.1.0
 */
export class PolloUnauthorized
  extends Schema.TaggedError<PolloUnauthorized, fields.ServerSaid>(id("PolloUnauthorized"))(
    "PolloUnauthorized",
    serverSaid
  )
{
  override get isRetryable(): boolean {
    return false
  }
  override get isTransient(): boolean {
    return false
  }
}

/**
 * The key is known but is not allowed to do this: status 403 from the API itself. A 403 with a web page, from a CDN or
 * a proxy in front of the API, is a `PolloInvalidResponse` with the reason `Intercepted`.
 *
 * @category errors
 * @since 0.1.0
 */
export class PolloForbidden
  extends Schema.TaggedError<PolloForbidden, fields.ServerSaid>(id("PolloForbidden"))("PolloForbidden", serverSaid)
{
  override get isRetryable(): boolean {
    return false
  }
  override get isTransient(): boolean {
    return false
  }
}

/**
 * The vendor does not know the key, or the base URL is wrong: status 404.
 *
 * **Details**
 *
 * `code` tells the two cases apart as well as possible: `NOT_FOUND` comes from the API, which does not know the key
 * (mistyped, deleted, or of another environment); `HTTP_404` comes from a web server that is not the API.
 *
 * @category errors
 * @since 0.1.0
 */
export class PolloNotFound
  extends Schema.TaggedError<PolloNotFound, fields.ServerSaid>(id("PolloNotFound"))("PolloNotFound", serverSaid)
{
  override get isRetryable(): boolean {
    return false
  }
  override get isTransient(): boolean {
    return false
  }
}

/**
 * The server asked this key to slow down: status 429. `retryAfter` is the server's own figure, when it gave one.
 *
 * @category errors
 * @since 0.1.0
 */
export class PolloRateLimited
  extends Schema.TaggedError<PolloRateLimited, fields.ServerSaid & fields.RetryAfter>(id("PolloRateLimited"))(
    "PolloRateLimited",
    {
      ...serverSaid,
      retryAfter: Schema.optionalKey(Schema.Duration)
    }
  )
{
  override get isRetryable(): boolean {
    return true
  }
  override get isTransient(): boolean {
    return true
  }
}

/**
 * The server, or a proxy before it, failed: any 5xx status. `retryAfter` is the server's own figure, when it gave one.
 *
 * **Details**
 *
 * Retryable and transient, also for the statuses that only a CDN sends (520 to 530). The exceptions are 501 and 505,
 * which would come again for the same request.
 *
 * @category errors
 * @since 0.1.0
 */
export class PolloServerError
  extends Schema.TaggedError<PolloServerError, fields.ServerSaid & fields.RetryAfter>(id("PolloServerError"))(
    "PolloServerError",
    {
      ...serverSaid,
      retryAfter: Schema.optionalKey(Schema.Duration)
    }
  )
{
  override get isRetryable(): boolean {
    return this.isTransient
  }
  override get isTransient(): boolean {
    return isTransientStatus(effectiveStatus(this.status, this.code))
  }
}

/**
 * Any other status from the server. Retryable and transient only for 408 and 425.
 *
 * @category errors
 * @since 0.1.0
 */
export class PolloApiError
  extends Schema.TaggedError<PolloApiError, fields.ServerSaid>(id("PolloApiError"))("PolloApiError", serverSaid)
{
  override get isRetryable(): boolean {
    return this.isTransient
  }
  override get isTransient(): boolean {
    return isTransientStatus(effectiveStatus(this.status, this.code))
  }
}

/**
 * No complete response arrived: the connection was refused or reset, the host is unknown, TLS failed, or the body of a
 * 200 was cut off.
 *
 * **Details**
 *
 * `code` is the transport's own code, such as `ECONNREFUSED` or `CERT_HAS_EXPIRED`, or the tag of a failure that a
 * `transformClient` added, such as `CircuitBreakerError`, when there was one. The transport's own message is left out:
 * it may quote the request, and the request holds the key.
 *
 * @category errors
 * @since 0.1.0
 */
export class PolloTransportError
  extends Schema.TaggedError<PolloTransportError, fields.TransportSaid>(id("PolloTransportError"))(
    "PolloTransportError",
    {
      code: Schema.optionalKey(Schema.String),
      attempts: Schema.Number
    }
  )
{
  override get message(): string {
    return transportMessage(this.code)
  }
  override get isRetryable(): boolean {
    return true
  }
  override get isTransient(): boolean {
    return true
  }
}

/**
 * The time for one attempt or for the whole call ran out. `timeout` is the limit that was reached.
 *
 * **Details**
 *
 * An attempt that timed out may be retried; a call past its deadline may not. Both are transient, because the next call
 * has a deadline of its own.
 *
 * @category errors
 * @since 0.1.0
 */
export class PolloTimeout
  extends Schema.TaggedError<PolloTimeout, fields.TimedOut>(id("PolloTimeout"))("PolloTimeout", {
    phase: Schema.Literals(["attempt", "deadline"]),
    timeout: Schema.Duration,
    attempts: Schema.Number
  })
{
  override get message(): string {
    return timeoutMessage(this.phase, Duration.format(this.timeout))
  }
  override get isRetryable(): boolean {
    return this.phase === "attempt"
  }
  override get isTransient(): boolean {
    return true
  }
}

/**
 * An answer that the API's published description does not cover.
 *
 * **Details**
 *
 * | `reason` | what came | `isTransient` |
 * |---|---|---|
 * | `NotJson` | a 200 whose body is not JSON, such as a maintenance page | yes |
 * | `Schema` | a 200 whose JSON has another shape | no |
 * | `Redirect` | a redirect, which is never followed: the key must not go elsewhere | 302, 303 and 307 |
 * | `TooLarge` | a 200 whose body is larger than `maxBodySize` | no |
 * | `Intercepted` | a page of a CDN or proxy before the API, such as a browser challenge, with its `retryAfter` | yes |
 *
 * `status` is the response's own, and 0 where a browser hides the status of a redirect.
 *
 * @category errors
 * @since 0.1.0
 */
export class PolloInvalidResponse
  extends Schema.TaggedError<PolloInvalidResponse, fields.Misunderstood & fields.RetryAfter>(
    id("PolloInvalidResponse")
  )("PolloInvalidResponse", {
    reason: Schema.Literals(["NotJson", "Schema", "Redirect", "TooLarge", "Intercepted"]),
    status: Schema.Number,
    requestId: Schema.optionalKey(Schema.String),
    retryAfter: Schema.optionalKey(Schema.Duration),
    attempts: Schema.Number
  })
{
  override get message(): string {
    return invalidMessage(this.status, this.reason)
  }
  override get isRetryable(): boolean {
    return false
  }
  override get isTransient(): boolean {
    return isTransientInvalid(this.reason, this.status)
  }
}

/**
 * The union of everything a call can fail with, as a schema: it decodes and encodes each member.
 *
 * @category schemas
 * @since 0.1.0
 */
export const PolloError = /* @__PURE__ */ Schema.Union([
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
])

/**
 * The union of everything a call can fail with.
 *
 * @category models
 * @since 0.1.0
 */
export type PolloError = typeof PolloError.Type
