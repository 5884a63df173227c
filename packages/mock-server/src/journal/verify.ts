import type { JournalEntry } from "./journal-entry.ts"
import { checkExpectations } from "./expectations.ts"
import type { Bounds, Expectations } from "./expectations.ts"
import type { Recorded } from "./journal.ts"
import { earlyRequests, pairsOf, summarize, toleranceMillis } from "./summary.ts"

/** Whether the requests are as expected. The message says, in a paragraph, what was expected and what came. */
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

/** One expectation in words, each failure to meet it, and what came, for the message when it is met. */
interface Check {
  readonly expected: string
  /** What a failure would be, where "not" in front of `expected` would read as a double negation. */
  readonly opposite?: string
  readonly failures: ReadonlyArray<string>
  readonly met: string
}

type Requests = ReadonlyArray<JournalEntry>

const failing = (fails: boolean, failure: string): ReadonlyArray<string> => (fails ? [failure] : [])

const numberOf = (requests: Requests, request: JournalEntry): number => requests.indexOf(request) + 1

const checkAttempts = (requests: Requests, attempts: Bounds): Check => ({
  expected: typeof attempts === "number" ? plural(attempts, "request") : `${shownBounds(attempts)} requests`,
  failures: failing(!isWithin(requests.length, attempts), `${plural(requests.length, "request")} came.`),
  met: `${plural(requests.length, "request")} came.`
})

const checkStatuses = (requests: Requests, statuses: ReadonlyArray<number | null>): Check => {
  const came = summarize(requests).statuses
  return {
    expected: `the statuses ${shownStatuses(statuses)}`,
    failures: failing(
      came.length !== statuses.length || came.some((status, index) => status !== statuses[index]),
      `The statuses were ${shownStatuses(came)}.`
    ),
    met: `The statuses were ${shownStatuses(came)}.`
  }
}

const checkRetryAfter = (requests: Requests): Check => {
  const { asked, early } = earlyRequests(requests)
  return {
    expected: "every request to wait as long as the Retry-After before it asked",
    failures: asked === 0
      ? ["No Retry-After asked any of them to wait."]
      : early.map(({ askedMillis, request, waitedMillis }) =>
        `Request ${numberOf(requests, request)} came ${waitedMillis} ms after the end of the one before it, ` +
        `whose Retry-After asked for ${askedMillis} ms.`
      ),
    met: "Every request did."
  }
}

const checkRetried = (requests: Requests, statuses: ReadonlyArray<number>): Check => ({
  expected: `no request to come after a ${list(statuses.map(String), "or")}`,
  opposite: `a request to come after a ${list(statuses.map(String), "or")}`,
  failures: pairsOf(requests).flatMap(({ previous, request }) =>
    failing(
      previous.status !== null && statuses.includes(previous.status),
      `Request ${numberOf(requests, request)} came after request ${numberOf(requests, previous)} ` +
        `had been answered with ${previous.status}.`
    )
  ),
  met: "No request did."
})

const checkWaits = (requests: Requests, bounds: Bounds): Check => {
  const { waits } = summarize(requests)
  return {
    expected: `every request to come ${shownBounds(bounds)} ms after the end of the one before it`,
    failures: waits.length === 0
      ? ["There was no second request."]
      : waits.flatMap((wait, index) =>
        wait === null
          ? [`Request ${index + 2} came before the end of another request.`]
          : failing(!isWithin(wait, bounds, toleranceMillis), `Request ${index + 2} came after ${wait} ms.`)
      ),
    met: `They came after ${list(waits.map(String), "and")} ms.`
  }
}

const checkOverlap = (requests: Requests): Check => ({
  expected: "no two requests to be open at once",
  opposite: "two requests to be open at once",
  failures: requests.flatMap((request) =>
    failing(
      request.concurrent > 0,
      `Request ${numberOf(requests, request)} came while ${plural(request.concurrent, "other")} ` +
        `${request.concurrent === 1 ? "was" : "were"} open.`
    )
  ),
  met: "No two requests were."
})

const checkConnection = (requests: Requests): Check => ({
  expected: "every request except the first to come on a connection that had served an earlier one",
  failures: requests.length < 2
    ? ["There was no second request."]
    : requests.flatMap((request, index) =>
      request.connection === null
        ? [`Request ${index + 1} came without a connection: it was made in process.`]
        : failing(index > 0 && !request.connection.reused, `Request ${index + 1} came on a new connection.`)
    ),
  met: "Every one did."
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

const checksOf = (requests: Requests, expectations: Expectations): ReadonlyArray<Check> => {
  const { attempts, neverRetried, noOverlap, reusedConnection, statuses, waitedRetryAfter, waits } = expectations
  return [
    ...(attempts === undefined ? [] : [checkAttempts(requests, attempts)]),
    ...(statuses === undefined ? [] : [checkStatuses(requests, statuses)]),
    ...(waitedRetryAfter === undefined ? [] : [checkRetryAfter(requests)]),
    ...(neverRetried === undefined ? [] : [checkRetried(requests, neverRetried)]),
    ...(waits === undefined ? [] : [checkWaits(requests, waits)]),
    ...(noOverlap === undefined ? [] : [checkOverlap(requests)]),
    ...(reusedConnection === undefined ? [] : [checkConnection(requests)])
  ]
}

/** A verification, and the message for a test that expected it to fail. */
interface Verdict extends Verification {
  readonly negated: string
}

/** The beginning of the message when some of the requests are no longer on record. */
export const incompleteMessage =
  "Some of the requests asked about are no longer on record, so nothing can be said of them: the journal holds the last " +
  "maxRequests of all keys. Raise maxRequests, or verify sooner."

/** {@link verifyRequests}, and what is said when it should have failed. */
export const judge = (requests: Requests, expectations: Expectations): Verdict => {
  checkExpectations(expectations)
  const checks = checksOf(requests, expectations)
  const expected = checks.length === 0 ? "requests" : list(checks.map((check) => check.expected), "and")
  const [only, ...others] = checks
  const opposite = others.length === 0 && only?.opposite !== undefined ? only.opposite : `not ${expected}`
  if (requests.length === 0) {
    // A mistyped key has no requests, so an expectation such as `noOverlap` would always be met.
    const { attempts } = expectations
    return {
      pass: attempts !== undefined && isWithin(0, attempts),
      message: `Expected ${expected}. No request came.`,
      negated: `Expected ${opposite}. No request came.`
    }
  }
  const failures = checks.flatMap((check) => check.failures)
  const met = checks.length === 0
    ? `${plural(requests.length, "request")} came.`
    : checks.map((each) => each.met).join(" ")
  const came = describe(requests)
  return {
    pass: failures.length === 0,
    message: `Expected ${expected}. ${failures.length === 0 ? met : failures.join(" ")}${came}`,
    negated: `Expected ${opposite}. ${met}${came}`
  }
}

/**
 * Compares requests with what was expected of the client that sent them. They are all of one key, in the order in which
 * they arrived, as `admin.requests` gives them.
 *
 * @throws InvalidExpectationError naming an expectation that no request could meet, or that is unknown
 */
export const verifyRequests = (requests: ReadonlyArray<JournalEntry>, expectations: Expectations): Verification => {
  const { message, pass } = judge(requests, expectations)
  return { pass, message }
}

/** {@link verifyRequests} for recorded requests. If some are no longer on record, the verification fails. */
export const verifyRecorded = (
  { complete, requests }: Recorded,
  expectations: Expectations
): Verification & { readonly complete: boolean } => {
  const { message, pass } = verifyRequests(requests, expectations)
  return { pass: pass && complete, message: complete ? message : `${incompleteMessage} ${message}`, complete }
}
