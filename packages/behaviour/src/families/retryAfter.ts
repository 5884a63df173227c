/** `Retry-After` in each form: it is in the error, and the next wait is at least as long, up to `maxRetryAfter`. */
import { balance, page, refusal, slowDown } from "../replies.ts"
import type { Answer, Behaviour, ErrorTag } from "../row.ts"

/** The clocks of the runners begin with 1970. */
const at = (millis: number): string => new Date(millis).toUTCString()

interface Form {
  readonly what: string
  readonly value: string
  readonly millis: number | undefined
  readonly date?: string
}

const forms: ReadonlyArray<Form> = [
  { what: "in seconds", value: "7", millis: 7_000 },
  { what: "of no time", value: "0", millis: 0 },
  { what: "of one second", value: "1", millis: 1_000 },
  { what: "with leading zeros", value: "007", millis: 7_000 },
  { what: "with white space around it", value: "  7\t", millis: 7_000 },
  { what: "in a fraction of seconds, rounded up", value: "1.5", millis: 2_000 },
  { what: "in a small fraction of a second, rounded up", value: "0.001", millis: 1_000 },
  { what: "of an hour", value: "3600", millis: 3_600_000 },
  { what: "of more seconds than a number counts", value: "9".repeat(400), millis: Number.MAX_SAFE_INTEGER * 1_000 },
  { what: "as a date", value: at(30_000), millis: 30_000 },
  { what: "as a date of the past", value: at(-60_000), millis: 0 },
  { what: "as a date of now", value: at(0), millis: 0 },
  { what: "as a date in the form of RFC 850", value: "Thursday, 01-Jan-70 00:00:30 GMT", millis: 30_000 },
  { what: "as a date in the form of asctime", value: "Thu Jan  1 00:00:30 1970", millis: 30_000 },
  { what: "as a date in lower case", value: at(30_000).toLowerCase(), millis: 30_000 },
  { what: "as the last date there is", value: "Fri, 31 Dec 9999 23:59:59 GMT", millis: 253_402_300_799_000 },
  { what: "as a date with a leap second", value: "Thu, 01 Jan 1970 00:00:60 GMT", millis: 60_000 },
  { what: "as a date beside the server's own Date", value: at(1e12 + 9_000), date: at(1e12), millis: 9_000 },
  { what: "as a date before the server's own Date", value: at(1e12 - 9_000), date: at(1e12), millis: 0 },
  { what: "as a date beside an invalid Date", value: at(9_000), date: "yesterday", millis: 9_000 },
  { what: "in seconds beside the server's own Date", value: "7", date: at(1e12), millis: 7_000 },
  { what: "in words", value: "soon", millis: undefined },
  { what: "below zero", value: "-5", millis: undefined },
  { what: "with a sign", value: "+5", millis: undefined },
  { what: "with an exponent", value: "1e3", millis: undefined },
  { what: "in hexadecimal", value: "0x10", millis: undefined },
  { what: "without an end to its fraction", value: "1.", millis: undefined },
  { what: "with a unit", value: "5s", millis: undefined },
  { what: "twice", value: "5, 7", millis: undefined },
  { what: "without a value", value: "", millis: undefined },
  { what: "that is NaN", value: "NaN", millis: undefined },
  { what: "without an end", value: "Infinity", millis: undefined },
  { what: "as a date of another zone", value: "Thu, 01 Jan 1970 00:00:30 +0200", millis: undefined },
  { what: "as a date of ISO 8601", value: "1970-01-01T00:00:30Z", millis: undefined },
  { what: "as a day that its month does not have", value: "Mon, 31 Feb 1970 00:00:30 GMT", millis: undefined },
  { what: "as half a date", value: "Mon, 5", millis: undefined },
  { what: "of an unknown month", value: "Thu, 01 Foo 1970 00:00:30 GMT", millis: undefined },
  { what: "of an hour that no day has", value: "Thu, 01 Jan 1970 25:00:30 GMT", millis: undefined }
]

const replyOf = (status: number, { date, value }: Form): Answer =>
  date !== undefined
    ? refusal(status, { "retry-after": value, date })
    : status === 429 || status === 503
    ? slowDown(status, value)
    : refusal(status, { "retry-after": value })

const patient: ReadonlyArray<readonly [status: number, tag: ErrorTag]> = [
  [429, "PolloRateLimited"],
  [500, "PolloServerError"],
  [503, "PolloServerError"],
  [529, "PolloServerError"]
]

const told: ReadonlyArray<Behaviour> = patient.flatMap(([status, outcome]) =>
  forms.map((form): Behaviour => ({
    name: `a Retry-After ${form.what} is ${form.millis === undefined ? "ignored" : "in the error"} of a ${status}`,
    replies: [replyOf(status, form)],
    policy: { maxRetries: 0 },
    wants: { outcome, fields: { retryAfter: form.millis }, requests: 1, waits: [0] }
  }))
)

const longest = 20_000

const obeyed: ReadonlyArray<Behaviour> = patient.slice(0, 2).flatMap(([status, outcome]) =>
  forms.map((form): Behaviour => {
    const { millis = 0, what } = form
    const beyond = millis > longest
    return {
      name: `a ${status} with a Retry-After ${what} is ${
        beyond ? "not waited for" : `retried after ${Math.max(millis, 250)} ms`
      }`,
      replies: [replyOf(status, form), balance],
      wants: beyond
        ? { outcome, fields: { retryAfter: millis, attempts: 1 }, requests: 1, waits: [0] }
        : { outcome: "Balance", requests: 2, waits: [Math.max(millis, 250), 0] }
    }
  })
)

const seconds = (value: number) => slowDown(429, String(value))

const limits: ReadonlyArray<Behaviour> = [
  {
    name: "a Retry-After of just maxRetryAfter is obeyed",
    replies: [seconds(20), balance],
    wants: { outcome: "Balance", requests: 2, waits: [20_000, 0] }
  },
  {
    name: "a Retry-After of a second more than maxRetryAfter ends the call",
    replies: [seconds(21), balance],
    wants: { outcome: "PolloRateLimited", fields: { retryAfter: 21_000 }, requests: 1, waits: [0] }
  },
  {
    name: "a maxRetryAfter from the caller is the limit",
    replies: [seconds(3), balance],
    policy: { maxRetryAfter: 2_999 },
    wants: { outcome: "PolloRateLimited", fields: { retryAfter: 3_000 }, requests: 1, waits: [0] }
  },
  {
    name: "a maxRetryAfter of zero obeys a Retry-After of zero",
    replies: [seconds(0), balance],
    policy: { maxRetryAfter: 0 },
    wants: { outcome: "Balance", requests: 2, waits: [250, 0] }
  },
  {
    name: "a Retry-After that does not fit before the deadline ends the call at once",
    replies: [seconds(10), balance],
    policy: { deadline: 10_000 },
    wants: { outcome: "PolloRateLimited", fields: { retryAfter: 10_000, attempts: 1 }, requests: 1, waits: [0] }
  },
  {
    name: "a Retry-After that just fits before the deadline is obeyed",
    replies: [seconds(10), balance],
    policy: { deadline: 10_001 },
    wants: { outcome: "Balance", requests: 2, waits: [10_000, 0] }
  },
  {
    name: "a second Retry-After that does not fit any more ends the call",
    replies: [seconds(20), seconds(20), balance],
    wants: { outcome: "PolloRateLimited", fields: { attempts: 2 }, requests: 2, waits: [20_000, 0] }
  },
  {
    name: "a backoff that is longer than Retry-After is not shortened by it",
    replies: [seconds(1), balance],
    policy: { backoff: { base: 3_000 } },
    wants: { outcome: "Balance", requests: 2, waits: [3_000, 0] }
  },
  {
    name: "a Retry-After is not lengthened by jitter",
    replies: [seconds(4), balance],
    chance: 1,
    wants: { outcome: "Balance", requests: 2, waits: [4_000, 0] }
  },
  {
    name: "without retries a Retry-After is in the error and not waited for",
    replies: [seconds(1)],
    policy: { maxRetries: 0 },
    wants: { outcome: "PolloRateLimited", fields: { retryAfter: 1_000 }, requests: 1, waits: [0] }
  },
  ...[["408 Request Timeout", 408], ["425 Too Early", 425]].map(([what, status]): Behaviour => ({
    name: `a Retry-After in a ${what} is not obeyed: nobody sends one there`,
    replies: [refusal(Number(status), { "retry-after": "5" }), balance],
    wants: { outcome: "Balance", requests: 2, waits: [250, 0] }
  })),
  {
    name: "a Retry-After in a 400 changes nothing",
    replies: [refusal(400, { "retry-after": "5" })],
    wants: { outcome: "PolloBadRequest", fields: { retryAfter: undefined }, requests: 1, waits: [0] }
  },
  {
    name: "a Retry-After of an interception is in the error",
    replies: [page(403, { "cf-mitigated": "challenge", "retry-after": "5" })],
    wants: { outcome: "PolloInvalidResponse", fields: { reason: "Intercepted", retryAfter: 5_000 }, requests: 1 }
  }
]

export const retryAfters = { told, obeyed, limits }
