/**
 * What an editor shows for the fields of errors and balances. Comments in the fields of a schema reach nobody, since a
 * class takes its fields from a mapped type; the interfaces here do, as the `Brand` of the class.
 */
import type * as DateTime from "effect/DateTime"
import type * as Duration from "effect/Duration"

export interface Judged {
  /** Worth asking again within this call. The retry loop has done so before you see the error. */
  get isRetryable(): boolean
  /** It can pass without anybody acting. */
  get isTransient(): boolean
}

export interface Counted extends Judged {
  /** Attempts made until this error was final. */
  readonly attempts: number
}

export interface Answered extends Counted {
  /** The HTTP status of the response. */
  readonly status: number
  /** The `x-request-id` of the response, for the vendor's support. */
  readonly requestId?: string
}

export interface ServerSaid extends Answered {
  /** The server's own code, such as `UNAUTHORIZED`; derived from the status when the body had none. */
  readonly code: string
  /** The server's own words; derived from the status when the body had none. */
  readonly message: string
  /** Details the server listed; empty when it listed none. */
  readonly issues: ReadonlyArray<{ readonly message: string }>
}

export interface RetryAfter {
  /** How long the server asked to wait, when it said so. */
  readonly retryAfter?: Duration.Duration
}

export interface TransportSaid extends Counted {
  /** The transport's own code, such as `ECONNREFUSED`, or the tag of a failure that a `transformClient` added. */
  readonly code?: string
}

export interface TimedOut extends Counted {
  /** Whether the time for one attempt was over, or that for the whole call. */
  readonly phase: "attempt" | "deadline"
  /** The limit that was reached. */
  readonly timeout: Duration.Duration
}

export interface Misunderstood extends Answered {
  /** What is wrong with the answer. */
  readonly reason: "NotJson" | "Schema" | "Redirect" | "TooLarge" | "Intercepted"
}

export interface Capped {
  /** Asking again at once does not help. */
  get isRetryable(): boolean
  /** It passes by itself when the period ends. False when the job needs more than the limit: no period has room. */
  get isTransient(): boolean
  /** The credits of the limit, as they were given. */
  readonly limit: number
  /** The label that the limit is for. Absent when it is for all. */
  readonly label?: string
  /** What the job may cost. */
  readonly required: number
  /** What was charged in this period to jobs that were admitted in it, or may have been. */
  readonly spent: number
  /** What is held for others in this period, and what those ask for who wait under this limit before this job. */
  readonly reserved: number
  /** When the period ends and the next begins. */
  readonly resetsAt: DateTime.Utc
}

export interface Short {
  /** Asking again helps once somebody has paid or a job has ended, which takes longer than a retry waits. */
  get isRetryable(): boolean
  /** What the job may cost. */
  readonly required: number
  /** The balance, by a reading that was requested after the job asked. */
  readonly available: number
  /** What was spoken for: by jobs that run, by charges that no reading is sure to show yet, and by the line. */
  readonly reserved: number
  /** What is never to be spent. */
  readonly safetyMargin: number
  /** Where to buy more: the address in the vendor's page "Check Your Credits". */
  readonly billingUrl: string
}

export interface Mistake {
  /** The option, argument or environment variable. */
  readonly field: string
  /** What to put there. Never the value. */
  readonly problem: string
}

export interface Figures {
  /** Credits that can be spent now. */
  readonly availableCredits: number
  /** The vendor's total; its meaning is undocumented. */
  readonly totalCredits: number
}
