/**
 * How a request ended. `sent`: the whole answer is out. `faulted`: its step broke the answer. `aborted`: the client
 * left before that. `open`: it has not ended.
 */
export type RequestOutcome = "open" | "sent" | "faulted" | "aborted"

/** One request on record. Times are milliseconds on the clock of its key. */
export interface JournalEntry {
  /** Requests are numbered from 1 in the order in which they arrived. */
  readonly id: number
  /** The beginning of the key, `…` and a number. The admin API takes it in place of the key. `null` without a key. */
  readonly key: string | null
  readonly method: string
  readonly path: string
  /** The step that answered, as the plan names it; `limit` for the rate limiter; `null` when neither was reached. */
  readonly step: string | null
  /** The status that went out, or `null` when none did. */
  readonly status: number | null
  /** Which request of its key it is, from 1. `null` without a key. */
  readonly attempt: number | null
  /** When it arrived, since 1970. */
  readonly at: number
  /** From its arrival until its end. `null` while it is open. */
  readonly millis: number | null
  readonly outcome: RequestOutcome
  /** The `Retry-After` of the answer. */
  readonly retryAfter: string | null
  /** From the arrival of the key's previous request to the arrival of this one. */
  readonly intervalMillis: number | null
  /** From the end of the key's previous request to the arrival of this one. `null` when another was still open. */
  readonly waitedMillis: number | null
  /** How many other requests of the key were open when it arrived. */
  readonly concurrent: number
  /** `null` in process. */
  readonly connection: ConnectionEntry | null
}

/** The connection that a request came on. */
export interface ConnectionEntry {
  /** Connections are numbered from 1 in the order in which they opened. */
  readonly id: number
  /** Which request on the connection it is, from 1. */
  readonly request: number
  /** Whether the connection had served another request before. */
  readonly reused: boolean
  /** When it closed, since 1970 on the system's clock; `null` while it is open. */
  readonly closedAt: number | null
}

/** A request has arrived, or ended. */
export interface RequestEvent {
  readonly type: "request"
  readonly request: JournalEntry
}
