/**
 * The types of a row of the table: what the server does, the options of the client, and the expected result. All of it
 * is plain data.
 */

/** Part of a body. It comes `after` milliseconds after the part before it. */
export interface Piece {
  readonly text: string | Uint8Array
  readonly after?: number
}

/** `end` is what follows the last piece. `breaks` is the code of the transport's error. */
export interface Body {
  readonly pieces: ReadonlyArray<Piece>
  readonly end: "complete" | "silence" | { readonly breaks: string }
}

/** An answer. It comes `after` milliseconds after the request. */
export interface Answer {
  readonly _tag: "Answer"
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** `null` is an answer that has no body at all. */
  readonly body: Body | null
  readonly after?: number
  /** The transport followed a redirect on its own and says so. */
  readonly redirected?: true
  /** The step of the mock server that answers just this. */
  readonly step?: string
}

/** A transport that fails. The failure quotes the request, as some transports do, and `cause` says what happened. */
export interface Failure {
  readonly _tag: "Failure"
  readonly cause: unknown
  readonly step?: string
}

/** A server that takes the request and says nothing. */
export interface Silence {
  readonly _tag: "Silence"
  readonly step?: string
}

export type Reply = Answer | Failure | Silence

/** As a caller may write a policy; durations are milliseconds. */
export interface Policy {
  readonly attemptTimeout?: number
  readonly deadline?: number
  readonly maxRetries?: number
  readonly backoff?: {
    readonly base?: number
    readonly factor?: number
    readonly max?: number
    readonly jitter?: number
  }
  readonly maxRetryAfter?: number
}

/** What a client is built from, beside its policy. */
export interface Options {
  readonly apiKey?: string
  readonly baseUrl?: string
  readonly allowInsecureBaseUrl?: boolean
  readonly maxBodySize?: number
}

export type ErrorTag =
  | "PolloBadRequest"
  | "PolloUnauthorized"
  | "PolloForbidden"
  | "PolloNotFound"
  | "PolloRateLimited"
  | "PolloServerError"
  | "PolloApiError"
  | "PolloTransportError"
  | "PolloTimeout"
  | "PolloInvalidResponse"

export interface Wants {
  readonly outcome: "Balance" | "PolloConfigError" | ErrorTag
  /** Fields of the outcome; durations are milliseconds, and a field that must be absent is `undefined`. */
  readonly fields?: Readonly<Record<string, unknown>>
  /** How many requests are sent. */
  readonly requests: number
  /** The milliseconds after each request: until the next one, and after the last until the call has its outcome. */
  readonly waits?: ReadonlyArray<number>
}

export interface Behaviour {
  readonly name: string
  /** One for each request in turn; the last one again and again. */
  readonly replies: ReadonlyArray<Reply>
  readonly options?: Options
  /** The client is built from these variables, and has its key and its address from nowhere else. */
  readonly environment?: Readonly<Record<string, string>>
  readonly policy?: Policy
  /** What is put around the call, the innermost first. */
  readonly overrides?: ReadonlyArray<Policy>
  /** The value of every random number, from 0 to 1; 0 by default. */
  readonly chance?: number
  readonly wants: Wants
}

/** A behaviour with its unique name in the table. */
export interface Row extends Behaviour {
  readonly family: string
}

/** The key of rows that do not set one. */
export const key = "pollo_5f2c9aK7-canary"

/** The base URL of rows that do not set one. */
export const baseUrl = "https://pollo.test/api/platform"
