/**
 * The codes of tRPC's error table, which the vendor's servers send, and the HTTP status each stands for.
 *
 * Source: trpc.io/docs/server/error-handling. The first code of a status is the one derived for a response without one.
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

const codeOf = new Map<number, string>()
for (const [code, status] of statusOf) {
  if (!codeOf.has(status)) codeOf.set(status, code)
}

/** The code for a status whose body named none. */
export const codeForStatus = (status: number): string => codeOf.get(status) ?? `HTTP_${status}`

/**
 * The status that decides an error's class: the response's own, except that a 200 which carries an error body counts
 * as what its `code` names.
 */
export const effectiveStatus = (status: number, code: string): number =>
  status === 200 ? statusOf.get(code) ?? status : status
