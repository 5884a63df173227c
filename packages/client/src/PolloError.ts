/**
 * Everything that can go wrong with a call, as one flat union of tagged errors.
 *
 * **Details**
 *
 * Each member says whether asking again may help (`isRetryable`) and how many attempts were made (`attempts`). No
 * member holds the API key, a request, or the transport's own error: text from the server is scrubbed of the key first.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Schema from "effect/Schema"
import { effectiveStatus } from "./internal/codes.ts"

const id = <Tag extends string>(tag: Tag) => `@effect-pollo/client/${tag}` as const

const serverSaid = {
  /** The HTTP status of the response. */
  status: Schema.Number,
  /** The server's own code, such as `UNAUTHORIZED`; derived from the status when the body had none. */
  code: Schema.String,
  /** The server's own words; derived from the status when the body had none. */
  message: Schema.String,
  /** Details the server listed; empty when it listed none. */
  issues: Schema.Array(Schema.Struct({ message: Schema.String })),
  /** The `x-request-id` of the response, for the vendor's support. */
  requestId: Schema.optionalKey(Schema.String),
  /** Attempts made until this error was final. */
  attempts: Schema.Number
}

/**
 * The request itself is refused: by the server, with status 400 or 422, or before it was sent, with `attempts: 0`, when
 * a call was given what no call can be made of. `issues` says why.
 *
 * @category errors
 * @since 0.1.0
 */
export class PolloBadRequest
  extends Schema.TaggedError<PolloBadRequest>(id("PolloBadRequest"))("PolloBadRequest", serverSaid)
{
  get isRetryable(): boolean {
    return false
  }
}

/**
 * The key is missing, wrong or revoked: status 401.
 *
 * @category errors
 * @since 0.1.0
 */
export class PolloUnauthorized
  extends Schema.TaggedError<PolloUnauthorized>(id("PolloUnauthorized"))("PolloUnauthorized", serverSaid)
{
  get isRetryable(): boolean {
    return false
  }
}

/**
 * The key is known but may not do this: status 403.
 *
 * @category errors
 * @since 0.1.0
 */
export class PolloForbidden
  extends Schema.TaggedError<PolloForbidden>(id("PolloForbidden"))("PolloForbidden", serverSaid)
{
  get isRetryable(): boolean {
    return false
  }
}

/**
 * There is no such operation: status 404, mostly a wrong base URL.
 *
 * @category errors
 * @since 0.1.0
 */
export class PolloNotFound extends Schema.TaggedError<PolloNotFound>(id("PolloNotFound"))("PolloNotFound", serverSaid) {
  get isRetryable(): boolean {
    return false
  }
}

/**
 * The server asked this key to slow down: status 429. `retryAfter` is the server's own figure, when it gave one.
 *
 * @category errors
 * @since 0.1.0
 */
export class PolloRateLimited extends Schema.TaggedError<PolloRateLimited>(id("PolloRateLimited"))("PolloRateLimited", {
  ...serverSaid,
  retryAfter: Schema.optionalKey(Schema.Duration)
}) {
  get isRetryable(): boolean {
    return true
  }
}

/**
 * The server, or a proxy before it, failed: any 5xx status. `retryAfter` is the server's own figure, when it gave one.
 *
 * **Details**
 *
 * Retryable for 500, 502, 503 and 504; another 5xx, such as 501, is a statement and not an accident.
 *
 * @category errors
 * @since 0.1.0
 */
export class PolloServerError extends Schema.TaggedError<PolloServerError>(id("PolloServerError"))("PolloServerError", {
  ...serverSaid,
  retryAfter: Schema.optionalKey(Schema.Duration)
}) {
  get isRetryable(): boolean {
    const status = effectiveStatus(this.status, this.code)
    return status === 500 || status === 502 || status === 503 || status === 504
  }
}

/**
 * Any other status the server gave. Retryable for 408 alone.
 *
 * @category errors
 * @since 0.1.0
 */
export class PolloApiError extends Schema.TaggedError<PolloApiError>(id("PolloApiError"))("PolloApiError", serverSaid) {
  get isRetryable(): boolean {
    return effectiveStatus(this.status, this.code) === 408
  }
}

/**
 * No whole response arrived: refused, reset, no such host, a TLS failure, or a body that was cut off.
 *
 * **Details**
 *
 * `code` is the transport's own code, such as `ECONNREFUSED` or `CERT_HAS_EXPIRED`, or the tag of a failure that a
 * `transformClient` added, such as `CircuitBreakerError`, when there was one. Other words are left out: a transport may quote the request, and the request holds the key.
 *
 * @category errors
 * @since 0.1.0
 */
export class PolloTransportError
  extends Schema.TaggedError<PolloTransportError>(id("PolloTransportError"))("PolloTransportError", {
    code: Schema.optionalKey(Schema.String),
    attempts: Schema.Number
  })
{
  override get message(): string {
    return `no whole response from the server${this.code === undefined ? "" : ` (${this.code})`}`
  }
  get isRetryable(): boolean {
    return true
  }
}

/**
 * Time ran out, for one attempt or for the whole call. `timeout` is the limit that was reached.
 *
 * **Details**
 *
 * An attempt that timed out may be retried; a call past its deadline may not.
 *
 * @category errors
 * @since 0.1.0
 */
export class PolloTimeout extends Schema.TaggedError<PolloTimeout>(id("PolloTimeout"))("PolloTimeout", {
  phase: Schema.Literals(["attempt", "deadline"]),
  timeout: Schema.Duration,
  attempts: Schema.Number
}) {
  override get message(): string {
    return `the ${this.phase === "attempt" ? "attempt" : "call"} took longer than ${Duration.format(this.timeout)}`
  }
  get isRetryable(): boolean {
    return this.phase === "attempt"
  }
}

const invalidResponse = {
  NotJson: "the body is not JSON",
  Schema: "the body is JSON of a shape the API does not document",
  Redirect: "the server redirects elsewhere, where the key must not follow; check the base URL",
  TooLarge: "the body is larger than `maxBodySize`"
} as const

/**
 * An answer that the API's published description does not cover.
 *
 * **Details**
 *
 * `status` is the response's own, and 0 where a browser hides the status of a redirect.
 *
 * @category errors
 * @since 0.1.0
 */
export class PolloInvalidResponse
  extends Schema.TaggedError<PolloInvalidResponse>(id("PolloInvalidResponse"))("PolloInvalidResponse", {
    reason: Schema.Literals(["NotJson", "Schema", "Redirect", "TooLarge"]),
    status: Schema.Number,
    requestId: Schema.optionalKey(Schema.String),
    attempts: Schema.Number
  })
{
  override get message(): string {
    return `status ${this.status}: ${invalidResponse[this.reason]}`
  }
  get isRetryable(): boolean {
    return false
  }
}

/**
 * The union of everything a call can fail with, as a schema: it decodes and encodes each member.
 *
 * @category schemas
 * @since 0.1.0
 */
export const PolloError = Schema.Union([
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
