/** Replies with short names, so that rows are easy to read. */
import type { Answer, Body, Failure, Piece, Silence } from "./row.ts"

const whole = (text: string): Body => ({ pieces: [{ text }], end: "complete" })

/** A body of which some comes at once, and nothing after it. */
export const beginsAndIsSilent = (text: string): Body => ({ pieces: [{ text }], end: "silence" })

/** A body of which some comes at once, and then the connection is gone. */
export const beginsAndBreaks = (text: string, code = "UND_ERR_SOCKET"): Body => ({
  pieces: [{ text }],
  end: { breaks: code }
})

/** A body in pieces. */
export const inPieces = (...pieces: ReadonlyArray<Piece>): Body => ({ pieces, end: "complete" })

type Headers = Readonly<Record<string, string>>

/** An answer with a text for its body, with a body of another form, or with none. */
export const answer = (status: number, body: string | Body | null, headers: Headers = {}): Answer => ({
  _tag: "Answer",
  status,
  headers,
  body: typeof body === "string" ? whole(body) : body
})

/** An answer whose body is JSON. */
export const json = (status: number, body: unknown, headers: Headers = {}): Answer =>
  answer(status, JSON.stringify(body), { "content-type": "application/json", ...headers })

/** A reply that the mock server gives at that step, if it has one. */
export const stepped = (step: string | undefined, reply: Answer): Answer =>
  step === undefined ? reply : { ...reply, step }

const codes: Readonly<Record<number, string>> = {
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
}

/** The code that the API sends with a status, as far as it is known. */
export const codeOf = (status: number): string => codes[status] ?? `HTTP_${status}`

export const messageOf = (status: number): string => `The key asks for status ${status}`

/** Statuses that a platform's `fetch` does not return: it repeats a request that got a 421, and fails for a 407. */
const keptByFetch = new Set([407, 421])

const atAStep = (status: number, headers: Headers): boolean =>
  status >= 400 && !keptByFetch.has(status) && Object.keys(headers).length === 0

/** The API's own error body. */
export const refusal = (status: number, headers: Headers = {}): Answer =>
  stepped(
    atAStep(status, headers) ? `status_${status}` : undefined,
    json(status, { message: messageOf(status), code: codeOf(status) }, headers)
  )

/** A 429 or a 503 that asks for a wait. */
export const slowDown = (status: 429 | 503, retryAfter: string): Answer =>
  stepped(
    /^(?:0|[1-9]\d{0,8})$/.test(retryAfter)
      ? `${status}_${retryAfter}`
      : retryAfter === "soon"
      ? `${status}_garbage`
      : undefined,
    json(status, {
      message: status === 429 ? "Too many requests" : "The service is not available",
      code: codeOf(status)
    }, { "retry-after": retryAfter })
  )

export const page = (status: number, headers: Headers = {}): Answer =>
  answer(status, "<!DOCTYPE html><h1>Just a moment...</h1>", { "content-type": "text/html; charset=utf-8", ...headers })

export const figures = { availableCredits: 1000, totalCredits: 1000 }

export const balance: Answer = { ...json(200, figures), step: "ok" }

export const silence: Silence = { _tag: "Silence", step: "hang" }

/** A connection that fails with a code of the operating system or the transport. */
export const failure = (code: string): Failure => ({
  _tag: "Failure",
  cause: Object.assign(new Error(`it failed: ${code}`), { code })
})

export const reset: Failure = { ...failure("ECONNRESET"), step: "reset" }

/** The same reply, so many milliseconds later. */
export const after = (millis: number, reply: Answer): Answer => ({ ...reply, after: millis })
