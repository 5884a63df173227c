/**
 * The comments that an editor shows for the fields of errors and balances. It does not show comments in the fields of a
 * schema, because a class takes its fields from a mapped type. It does show those of the interfaces here, each of which
 * is the `Brand` of its class.
 */
import type * as DateTime from "effect/DateTime"
import type * as Duration from "effect/Duration"

export interface Judged {
  /** Whether trying again within this call may help. The retry loop has done so before you see the error. */
  get isRetryable(): boolean
  /** Whether the error can pass without anybody acting. */
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
  /** How long the server asked to wait, if it said so. */
  readonly retryAfter?: Duration.Duration
}

export interface TransportSaid extends Counted {
  /** The transport's own code, such as `ECONNREFUSED`, or the tag of a failure that a `transformClient` added. */
  readonly code?: string
}

export interface TimedOut extends Counted {
  /** Which time ran out: that for one attempt, or that for the whole call. */
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
  /**
   * Always false: trying again helps only after a top-up or the end of a job, which takes longer than a retry waits.
   */
  get isRetryable(): boolean
  /** What the job may cost. */
  readonly required: number
  /** The available credits, by a reading that was requested after the job asked for credits. */
  readonly available: number
  /**
   * Reserved for others: for jobs that run, for charges that a reading may not show yet, and for waiting reservations.
   */
  readonly reserved: number
  /** The credits that the budget never spends. */
  readonly safetyMargin: number
  /** Where to buy more: the address in the vendor's page "Check Your Credits". */
  readonly billingUrl: string
}

export interface Mistake {
  /** The option, argument or environment variable. */
  readonly field: string
  /** What to put there. The invalid value is never repeated. */
  readonly problem: string
}

export interface Figures {
  /** Credits that can be spent now. */
  readonly availableCredits: number
  /** The vendor's total; its meaning is undocumented. */
  readonly totalCredits: number
}
