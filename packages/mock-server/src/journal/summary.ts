import type { JournalEntry } from "./journal-entry.ts"
import { retryNotBefore } from "../values/retry-after.ts"

/** What the requests that a client sent in a row say about that client. */
export interface Summary {
  readonly attempts: number
  /** In the order in which the requests arrived; `null` for a request that got no status. */
  readonly statuses: ReadonlyArray<number | null>
  /** Milliseconds from each arrival to the next. */
  readonly intervals: ReadonlyArray<number>
  /** Milliseconds from the end of each request to the arrival of the next; `null` where they overlap. */
  readonly waits: ReadonlyArray<number | null>
  /**
   * Whether every request waited as long as the `Retry-After` before it asked; `null` without a readable `Retry-After`.
   */
  readonly waitedRetryAfter: boolean | null
  /** The statuses that were followed by another request. */
  readonly retriedStatuses: ReadonlyArray<number>
  /** Whether any two requests were open at once. */
  readonly overlapped: boolean
  /** How many connections the requests came on; `null` when one came without a connection. */
  readonly connections: number | null
  /** Whether every request but the first came on a connection that had served one before; `null` as above. */
  readonly connectionReused: boolean | null
}

/** Timers fire up to a millisecond early, and times are whole milliseconds. */
export const toleranceMillis = 2

/** A request that came earlier than the `Retry-After` of the previous answer allowed. */
export interface EarlyRequest {
  readonly request: JournalEntry
  readonly previous: JournalEntry
  /** How long it waited after the end of the previous request, and how long it should have waited. */
  readonly waitedMillis: number
  readonly askedMillis: number
}

const endOf = ({ at, millis }: JournalEntry): number => at + (millis ?? 0)

/** The pairs of neighbours. */
export const pairsOf = (requests: ReadonlyArray<JournalEntry>) =>
  requests.slice(1).map((request, index) => ({ previous: requests[index] ?? request, request }))

const askedOf = (previous: JournalEntry): number | undefined => {
  if (previous.retryAfter === null || previous.status === null) return undefined
  const end = endOf(previous)
  const notBefore = retryNotBefore(previous.retryAfter, end)
  return notBefore === undefined ? undefined : Math.max(0, notBefore - end)
}

/** The requests that did not wait as long as they were asked to, and how many were asked to wait. */
export const earlyRequests = (
  requests: ReadonlyArray<JournalEntry>
): { readonly early: ReadonlyArray<EarlyRequest>; readonly asked: number } => {
  const asked = pairsOf(requests).flatMap(({ previous, request }) => {
    const askedMillis = askedOf(previous)
    return askedMillis === undefined
      ? []
      : [{ request, previous, waitedMillis: request.at - endOf(previous), askedMillis }]
  })
  return {
    early: asked.filter(({ askedMillis, waitedMillis }) => waitedMillis + toleranceMillis < askedMillis),
    asked: asked.length
  }
}

/** Summarizes requests of one key, which must be in the order in which they arrived. */
export const summarize = (requests: ReadonlyArray<JournalEntry>): Summary => {
  const { asked, early } = earlyRequests(requests)
  const onConnections = requests.flatMap(({ connection }) => (connection === null ? [] : [connection]))
  const known = onConnections.length === requests.length && requests.length > 0
  return {
    attempts: requests.length,
    statuses: requests.map(({ status }) => status),
    intervals: pairsOf(requests).map(({ previous, request }) => request.at - previous.at),
    waits: pairsOf(requests).map(({ previous, request }) =>
      request.concurrent > 0 ? null : request.at - endOf(previous)
    ),
    waitedRetryAfter: asked === 0 ? null : early.length === 0,
    retriedStatuses: [
      ...new Set(pairsOf(requests).flatMap(({ previous: { status } }) => (status === null ? [] : [status])))
    ],
    overlapped: requests.some(({ concurrent }) => concurrent > 0),
    connections: known ? new Set(onConnections.map(({ id }) => id)).size : null,
    connectionReused: known ? onConnections.slice(1).every(({ reused }) => reused) : null
  }
}
