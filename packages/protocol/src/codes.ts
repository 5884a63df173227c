/**
 * The codes of tRPC's error table, which the vendor's servers send, and the HTTP status of each code.
 *
 * Source: trpc.io/docs/server/error-handling. If several codes have the same status, the first is the one that the API
 * sends.
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
 * The status that decides which error it is: the response's own, except that a 200 with an error body has the status of
 * its code. The code is `HTTP_<status>` if the server's code was left out because it was the key.
 */
export const effectiveStatus = (status: number, code: string): number =>
  status === 200 ? statusNamed(code) ?? Number(/^HTTP_(\d{3})$/.exec(code)?.[1] ?? status) : status

/** The tags of the errors that follow from a status. */
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
 * Whether a status can pass without anybody acting, so that trying again may help: 408, 425, 429 and every 5xx (520 to
 * 530 come from a CDN whose origin failed) except for 501 and 505, which would come again.
 */
export const isTransientStatus = (status: number): boolean =>
  status === 408 || status === 425 || status === 429 ||
  (status >= 500 && status <= 599 && status !== 501 && status !== 505)

/** Why an answer is not one that the API describes. */
export type InvalidReason = "NotJson" | "Schema" | "Redirect" | "TooLarge" | "Intercepted"

/** Whether such an answer can pass without anybody acting. Of redirects, those with a temporary status can. */
export const isTransientInvalid = (reason: InvalidReason, status: number): boolean =>
  reason === "NotJson" || reason === "Intercepted" ||
  (reason === "Redirect" && (status === 302 || status === 303 || status === 307))
