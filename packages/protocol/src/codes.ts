/**
 * The codes of tRPC's error table, which the vendor's servers send, and the HTTP status each stands for.
 *
 * Source: trpc.io/docs/server/error-handling. The first code of a status is the one that belongs to it.
 */
const statusOf: ReadonlyMap<string, number> = new Map([
  ["BAD_REQUEST", 400],
  ["PARSE_ERROR", 400],
  ["UNAUTHORIZED", 401],
  ["PAYMENT_REQUIRED", 402],
  ["FORBIDDEN", 403],
  ["NOT_FOUND", 404],
  ["METHOD_NOT_SUPPORTED", 405],
  ["TIMEOUT", 408],
  ["CONFLICT", 409],
  ["PRECONDITION_FAILED", 412],
  ["PAYLOAD_TOO_LARGE", 413],
  ["UNSUPPORTED_MEDIA_TYPE", 415],
  ["UNPROCESSABLE_CONTENT", 422],
  ["PRECONDITION_REQUIRED", 428],
  ["TOO_MANY_REQUESTS", 429],
  ["CLIENT_CLOSED_REQUEST", 499],
  ["INTERNAL_SERVER_ERROR", 500],
  ["NOT_IMPLEMENTED", 501],
  ["BAD_GATEWAY", 502],
  ["SERVICE_UNAVAILABLE", 503],
  ["GATEWAY_TIMEOUT", 504]
])

/** The code of an answer that does not have the API's own error body. */
export const httpCode = (status: number): string => `HTTP_${status}`

/** The code that the API sends with a status. */
export const codeForStatus = (status: number): string => {
  for (const [code, named] of statusOf) {
    if (named === status) return code
  }
  return httpCode(status)
}

/** The status that a code names, in any case. */
export const statusNamed = (code: string): number | undefined => statusOf.get(code.toUpperCase())

/**
 * The status that decides what an error is: the response's own, except that a 200 which carries an error body counts as
 * what its code names. `HTTP_<status>` stands there where the code itself had to be left out, since it was the key.
 */
export const effectiveStatus = (status: number, code: string): number =>
  status === 200 ? statusNamed(code) ?? Number(/^HTTP_(\d{3})$/.exec(code)?.[1] ?? status) : status

/** Tags of the errors that a status names. */
export type StatusTag =
  | "PolloBadRequest"
  | "PolloUnauthorized"
  | "PolloForbidden"
  | "PolloNotFound"
  | "PolloRateLimited"
  | "PolloServerError"
  | "PolloApiError"

export const tagOfStatus = (status: number): StatusTag => {
  switch (status) {
    case 400:
    case 422:
      return "PolloBadRequest"
    case 401:
      return "PolloUnauthorized"
    case 403:
      return "PolloForbidden"
    case 404:
      return "PolloNotFound"
    case 429:
      return "PolloRateLimited"
    default:
      return status >= 500 && status <= 599 ? "PolloServerError" : "PolloApiError"
  }
}

/**
 * Whether a status can pass without anybody acting, which makes it worth asking again: 408, 425, 429, and a 5xx that is
 * an accident (520 to 530 come from a CDN whose origin failed) and not a statement, as 501 and 505 are.
 */
export const isTransientStatus = (status: number): boolean =>
  status === 408 || status === 425 || status === 429 ||
  (status >= 500 && status <= 599 && status !== 501 && status !== 505)

/** Why an answer is not one that the API describes. */
export type InvalidReason = "NotJson" | "Schema" | "Redirect" | "TooLarge" | "Intercepted"

/**
 * Whether such an answer can pass without anybody acting. A redirect does when it says of itself that it is temporary.
 */
export const isTransientInvalid = (reason: InvalidReason, status: number): boolean =>
  reason === "NotJson" || reason === "Intercepted" ||
  (reason === "Redirect" && (status === 302 || status === 303 || status === 307))
