/** The codes of tRPC's own table, which trpc-openapi servers put in `code`, by the status they travel with. */
const codes = {
  400: "BAD_REQUEST",
  401: "UNAUTHORIZED",
  402: "PAYMENT_REQUIRED",
  403: "FORBIDDEN",
  404: "NOT_FOUND",
  405: "METHOD_NOT_SUPPORTED",
  408: "TIMEOUT",
  409: "CONFLICT",
  412: "PRECONDITION_FAILED",
  413: "PAYLOAD_TOO_LARGE",
  415: "UNSUPPORTED_MEDIA_TYPE",
  422: "UNPROCESSABLE_CONTENT",
  428: "PRECONDITION_REQUIRED",
  429: "TOO_MANY_REQUESTS",
  500: "INTERNAL_SERVER_ERROR",
  501: "NOT_IMPLEMENTED",
  502: "BAD_GATEWAY",
  503: "SERVICE_UNAVAILABLE",
  504: "GATEWAY_TIMEOUT"
} as const

export type ErrorStatus = keyof typeof codes

/** The code of any status: that of the table, or `HTTP_<status>` where it has none. */
export const codeOf = (status: number): string =>
  Object.entries(codes).find(([known]) => known === String(status))?.[1] ?? `HTTP_${status}`

/** The vendor's error body: `components.responses.error` of its OpenAPI document. */
export interface ErrorBody {
  readonly message: string
  readonly code: string
  readonly issues?: ReadonlyArray<{ readonly message: string }>
}

export const errorBody = (status: ErrorStatus, message: string, issues?: ReadonlyArray<string>): ErrorBody =>
  issues === undefined
    ? { message, code: codes[status] }
    : { message, code: codes[status], issues: issues.map((issue) => ({ message: issue })) }
