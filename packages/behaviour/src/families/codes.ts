/** A 200 whose body is the API's error body: the error is the one that its code names. */
import { balance, figures, json } from "../replies.ts"
import type { Behaviour, ErrorTag } from "../row.ts"

interface Code {
  readonly code: string
  readonly tag: ErrorTag
  readonly transient?: true
}

const known: ReadonlyArray<Code> = [
  { code: "BAD_REQUEST", tag: "PolloBadRequest" },
  { code: "PARSE_ERROR", tag: "PolloBadRequest" },
  { code: "UNPROCESSABLE_CONTENT", tag: "PolloBadRequest" },
  { code: "UNAUTHORIZED", tag: "PolloUnauthorized" },
  { code: "FORBIDDEN", tag: "PolloForbidden" },
  { code: "NOT_FOUND", tag: "PolloNotFound" },
  { code: "TOO_MANY_REQUESTS", tag: "PolloRateLimited", transient: true },
  { code: "INTERNAL_SERVER_ERROR", tag: "PolloServerError", transient: true },
  { code: "BAD_GATEWAY", tag: "PolloServerError", transient: true },
  { code: "SERVICE_UNAVAILABLE", tag: "PolloServerError", transient: true },
  { code: "GATEWAY_TIMEOUT", tag: "PolloServerError", transient: true },
  { code: "NOT_IMPLEMENTED", tag: "PolloServerError" },
  { code: "TIMEOUT", tag: "PolloApiError", transient: true },
  { code: "PAYMENT_REQUIRED", tag: "PolloApiError" },
  { code: "METHOD_NOT_SUPPORTED", tag: "PolloApiError" },
  { code: "CONFLICT", tag: "PolloApiError" },
  { code: "PRECONDITION_FAILED", tag: "PolloApiError" },
  { code: "PAYLOAD_TOO_LARGE", tag: "PolloApiError" },
  { code: "UNSUPPORTED_MEDIA_TYPE", tag: "PolloApiError" },
  { code: "PRECONDITION_REQUIRED", tag: "PolloApiError" },
  { code: "CLIENT_CLOSED_REQUEST", tag: "PolloApiError" }
]

const error = (code: string) => ({ code, message: "in other words" })

const places: ReadonlyArray<readonly [where: string, bodyOf: (code: string) => unknown]> = [
  ["in the body", error],
  ["in the envelope", (code) => ({ data: error(code) })],
  ["in an envelope that claims success", (code) => ({ code: "SUCCESS", message: "success", data: error(code) })],
  ["beside the figures", (code) => ({ ...figures, ...error(code) })]
]

const named: ReadonlyArray<Behaviour> = known.flatMap(({ code, tag, transient = false }) =>
  places.map(([where, bodyOf]): Behaviour => ({
    name: `${code} ${where} of a 200 is ${tag}`,
    replies: [json(200, bodyOf(code))],
    policy: { maxRetries: 0 },
    wants: {
      outcome: tag,
      fields: { status: 200, code, message: "in other words", isTransient: transient, isRetryable: transient },
      requests: 1,
      waits: [0]
    }
  })).concat({
    name: `${code} in a 200 is ${transient ? "retried" : "the end of the call"}`,
    replies: [json(200, error(code)), balance],
    wants: transient
      ? { outcome: "Balance", requests: 2, waits: [250, 0] }
      : { outcome: tag, requests: 1, waits: [0] }
  })
)

const others: ReadonlyArray<Behaviour> = [
  {
    name: "a code in lower case names its error too",
    replies: [json(200, error("unauthorized"))],
    wants: { outcome: "PolloUnauthorized", fields: { code: "unauthorized", status: 200 }, requests: 1 }
  },
  {
    name: "the mock server's 200 with an error body is that error",
    replies: [{ ...json(200, { message: "The API key is not valid", code: "UNAUTHORIZED" }), step: "error_body" }],
    wants: {
      outcome: "PolloUnauthorized",
      fields: { status: 200, message: "The API key is not valid", isRetryable: false },
      requests: 1
    }
  },
  {
    name: "a code that nobody knows in a 200 is PolloApiError",
    replies: [json(200, error("LUNCH_BREAK"))],
    wants: { outcome: "PolloApiError", fields: { code: "LUNCH_BREAK", isTransient: false }, requests: 1 }
  },
  {
    name: "an error without data in a 200 is that error",
    replies: [json(200, { code: "INTERNAL_SERVER_ERROR", message: "oh", data: null })],
    policy: { maxRetries: 0 },
    wants: { outcome: "PolloServerError", fields: { status: 200, isRetryable: true }, requests: 1 }
  },
  {
    name: "TOO_MANY_REQUESTS in a 200 is retried after its Retry-After",
    replies: [json(200, error("TOO_MANY_REQUESTS"), { "retry-after": "3" }), balance],
    wants: { outcome: "Balance", requests: 2, waits: [3_000, 0] }
  },
  {
    name: "TOO_MANY_REQUESTS in a 503 is a server error by its status",
    replies: [json(503, error("TOO_MANY_REQUESTS"))],
    policy: { maxRetries: 0 },
    wants: { outcome: "PolloServerError", fields: { status: 503, code: "TOO_MANY_REQUESTS" }, requests: 1 }
  },
  {
    name: "a 500 with the code SUCCESS is a server error",
    replies: [json(500, { code: "SUCCESS", message: "success", data: figures })],
    policy: { maxRetries: 0 },
    wants: { outcome: "PolloServerError", fields: { status: 500, code: "SUCCESS" }, requests: 1 }
  }
]

export const codes = { named, others }
