/**
 * Everything that can go wrong with a call, as one flat union of tagged errors.
 *
 * **Details**
 *
 * Each member says how many attempts were made (`attempts`) and two things about asking again:
 *
 * - `isRetryable`: worth asking again within this call. The retry loop has done so before you see the error.
 * - `isTransient`: it can pass without anybody acting. The cache, the watch and reservations that wait ask it, and so
 *   does a program that wants to know whether to go on or to call somebody.
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
   * which then mostly comes from something else than the API. At most 1,000 characters.
   */
  code: Schema.String,
  message: Schema.String,
  issues: Schema.Array(Schema.Struct({ message: Schema.String })),
  requestId: Schema.optionalKey(Schema.String),
  attempts: Schema.Number
}

/**
 * The server refused the request itself: status 400 or 422. `issues` says why. A mistake in what a caller passes to
 * this package is a `PolloConfigError`, never this.
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
 * The key is known but may not do this: status 403 in the API's own words. One that a CDN or a proxy answers in its
 * place, with a web page, is a `PolloInvalidResponse` with the reason `Intercepted`.
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
 * The key is not known to the vendor, or else the base URL is wrong: status 404.
 *
 * **Details**
 *
 * `code` tells the two apart as far as that can be told: `NOT_FOUND` comes from the API, which does not know the key
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
 * Retryable and transient, also for what only a CDN sends (520 to 530); but not for 501 and 505, which are statements
 * and not accidents.
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
 * Any other status the server gave. Retryable and transient for 408 and 425 alone.
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
 * No whole response arrived: refused, reset, no such host, a TLS failure, or a 200 whose body was cut off.
 *
 * **Details**
 *
 * `code` is the transport's own code, such as `ECONNREFUSED` or `CERT_HAS_EXPIRED`, or the tag of a failure that a
 * `transformClient` added, such as `CircuitBreakerError`, when there was one. Other words are left out: a transport may
 * quote the request, and the request holds the key.
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
 * Time ran out, for one attempt or for the whole call. `timeout` is the limit that was reached.
 *
 * **Details**
 *
 * An attempt that timed out may be retried; a call past its deadline may not, but the next call has a deadline of its
 * own: both are transient.
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
