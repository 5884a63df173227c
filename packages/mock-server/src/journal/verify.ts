import type { JournalEntry } from "./journal-entry.ts"
import { earlyRequests, pairsOf, summarize, toleranceMillis } from "./summary.ts"

/** At least `min`, at most `max`, or exactly a number. */
export type Bounds = number | { readonly min?: number | undefined; readonly max?: number | undefined }

/** What the requests of a client are expected to be. What is not named is not looked at. */
export interface Expectations {
  /** How many requests. Unless this allows for none, that nothing came at all is never what was expected. */
  readonly attempts?: Bounds | undefined
  /** The statuses that went out, in order; `null` where none did. */
  readonly statuses?: ReadonlyArray<number | null> | undefined
  /** That every request waited as long as the `Retry-After` before it asked, and that one was asked to. */
  readonly waitedRetryAfter?: true | undefined
  /** That no request came after an answer with any of these statuses. */
  readonly neverRetried?: ReadonlyArray<number> | undefined
  /**
   * The milliseconds from the end of each request to the arrival of the next, of which there is at least one. One that
   * is up to 2 ms too short will do: timers may fire early.
   */
  readonly waits?: Bounds | undefined
  /** That no two requests were open at once. */
  readonly noOverlap?: true | undefined
  /** That every request but the first came on a connection that had served one before. */
  readonly reusedConnection?: true | undefined
}

/** Whether it is so. The message says, in a paragraph, what was expected and what came. */
export interface Verification {
  readonly pass: boolean
  readonly message: string
}

const isWithin = (value: number, bounds: Bounds, tolerance = 0): boolean => {
  const { max = Infinity, min = 0 } = typeof bounds === "number" ? { min: bounds, max: bounds } : bounds
  return value >= min - tolerance && value <= max
}

const shownBounds = (bounds: Bounds): string => {
  if (typeof bounds === "number") return String(bounds)
  const { max, min } = bounds
  if (max === undefined) return `at least ${min ?? 0}`
  return min === undefined ? `at most ${max}` : `${min} to ${max}`
}

const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`

const list = (words: ReadonlyArray<string>, last: string): string =>
  words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} ${last} ${words.at(-1)}`

const shownStatus = (status: number | null): string => (status === null ? "no status" : String(status))

const shownStatuses = (statuses: ReadonlyArray<number | null>): string => statuses.map(shownStatus).join(", ")

/** One expectation in words, and what speaks against it. */
interface Check {
  readonly expected: string
  readonly failures: ReadonlyArray<string>
}

type Requests = ReadonlyArray<JournalEntry>

const failing = (fails: boolean, failure: string): ReadonlyArray<string> => (fails ? [failure] : [])

const numberOf = (requests: Requests, request: JournalEntry): number => requests.indexOf(request) + 1

const checkAttempts = (requests: Requests, attempts: Bounds): Check => ({
  expected: typeof attempts === "number" ? plural(attempts, "request") : `${shownBounds(attempts)} requests`,
  failures: failing(!isWithin(requests.length, attempts), `${plural(requests.length, "request")} came.`)
})

const checkStatuses = (requests: Requests, statuses: ReadonlyArray<number | null>): Check => {
  const came = summarize(requests).statuses
  return {
    expected: `the statuses ${shownStatuses(statuses)}`,
    failures: failing(
      came.length !== statuses.length || came.some((status, index) => status !== statuses[index]),
      `The statuses were ${shownStatuses(came)}.`
    )
  }
}

const checkRetryAfter = (requests: Requests): Check => {
  const { asked, early } = earlyRequests(requests)
  return {
    expected: "each to wait as long as Retry-After asked",
    failures: asked === 0
      ? ["None was asked to wait by a Retry-After before it."]
      : early.map(({ askedMillis, request, waitedMillis }) =>
        `Request ${numberOf(requests, request)} came ${waitedMillis} ms after the end of the one before it, ` +
        `whose Retry-After asked for ${askedMillis} ms.`
      )
  }
}

const checkRetried = (requests: Requests, statuses: ReadonlyArray<number>): Check => ({
  expected: `none to come after a ${list(statuses.map(String), "or")}`,
  failures: pairsOf(requests).flatMap(({ previous, request }) =>
    failing(
      previous.status !== null && statuses.includes(previous.status),
      `Request ${numberOf(requests, request)} came after request ${numberOf(requests, previous)} ` +
        `had been answered with ${previous.status}.`
    )
  )
})

const checkWaits = (requests: Requests, bounds: Bounds): Check => {
  const { waits } = summarize(requests)
  return {
    expected: `each to come ${shownBounds(bounds)} ms after the end of the one before it`,
    failures: waits.length === 0
      ? ["There was no second request."]
      : waits.flatMap((wait, index) =>
        wait === null
          ? [`Request ${index + 2} came before the end of another.`]
          : failing(!isWithin(wait, bounds, toleranceMillis), `Request ${index + 2} came after ${wait} ms.`)
      )
  }
}

const checkOverlap = (requests: Requests): Check => ({
  expected: "no two to be open at once",
  failures: requests.flatMap((request) =>
    failing(
      request.concurrent > 0,
      `Request ${numberOf(requests, request)} came while ${plural(request.concurrent, "other")} ` +
        `${request.concurrent === 1 ? "was" : "were"} open.`
    )
  )
})

const checkConnection = (requests: Requests): Check => ({
  expected: "each but the first to come on a connection that had served one before",
  failures: requests.length < 2
    ? ["There was no second request."]
    : requests.flatMap((request, index) =>
      request.connection === null
        ? [`Request ${index + 1} came without a connection: it was made in process.`]
        : failing(index > 0 && !request.connection.reused, `Request ${index + 1} came on a new connection.`)
    )
})

/** How many requests a message shows. */
const shown = 20

const describe = (requests: Requests): string => {
  const [first] = requests
  if (first === undefined) return ""
  const lines = requests.slice(0, shown).map(({ at, millis, outcome, retryAfter, status }, index) =>
    `${index + 1}: ${shownStatus(status)}${outcome === "sent" ? "" : ` (${outcome})`} at ${at - first.at} ms` +
    (millis ? ` for ${millis} ms` : "") + (retryAfter === null ? "" : `, Retry-After ${retryAfter}`)
  )
  const more = requests.length > shown ? `; and ${requests.length - shown} more` : ""
  return ` These came: ${lines.join("; ")}${more}.`
}

/**
 * Compares requests with what was expected of the client that sent them. They are all of one key, in the order in which
 * they arrived, as `admin.requests` gives them.
 */
export const verifyRequests = (requests: ReadonlyArray<JournalEntry>, expectations: Expectations): Verification => {
  const { attempts, neverRetried, noOverlap, reusedConnection, statuses, waitedRetryAfter, waits } = expectations
  const checks = [
    ...(attempts === undefined ? [] : [checkAttempts(requests, attempts)]),
    ...(statuses === undefined ? [] : [checkStatuses(requests, statuses)]),
    ...(waitedRetryAfter === undefined ? [] : [checkRetryAfter(requests)]),
    ...(neverRetried === undefined ? [] : [checkRetried(requests, neverRetried)]),
    ...(waits === undefined ? [] : [checkWaits(requests, waits)]),
    ...(noOverlap === undefined ? [] : [checkOverlap(requests)]),
    ...(reusedConnection === undefined ? [] : [checkConnection(requests)])
  ]
  const expected = checks.length === 0 ? "requests" : list(checks.map((check) => check.expected), "and")
  if (requests.length === 0) {
    // With a mistyped key, nothing would overlap and nothing be retried.
    const pass = attempts !== undefined && isWithin(0, attempts)
    return { pass, message: `Expected ${expected}. No request came.` }
  }
  const failures = checks.flatMap((check) => check.failures)
  const pass = failures.length === 0
  const verdict = pass ? "And so it was." : failures.join(" ")
  return { pass, message: `Expected ${expected}. ${verdict}${describe(requests)}` }
}
