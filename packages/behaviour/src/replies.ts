/** Replies by the names that rows read well with. */
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

/** The API's own error body. */
export const refusal = (status: number, headers: Headers = {}): Answer =>
  json(status, { message: `It is a ${status}`, code: `CODE_${status}` }, headers)

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

/** A reply that the mock server gives at that step, if it has one. */
export const stepped = (step: string | undefined, reply: Answer): Answer =>
  step === undefined ? reply : { ...reply, step }

/** The same reply, so many milliseconds later. */
export const after = (millis: number, reply: Answer): Answer => ({ ...reply, after: millis })
