/**
 * The body of an error, whatever happens to it: the status has decided which error it is, and the body only adds a
 * message.
 */
import { answer, balance, beginsAndBreaks, beginsAndIsSilent, figures, inPieces, json, refusal } from "../replies.ts"
import type { Answer, Behaviour, Body, ErrorTag } from "../row.ts"

const statuses: ReadonlyArray<readonly [status: number, tag: ErrorTag]> = [
  [400, "PolloBadRequest"],
  [401, "PolloUnauthorized"],
  [402, "PolloApiError"],
  [403, "PolloForbidden"],
  [404, "PolloNotFound"],
  [408, "PolloApiError"],
  [422, "PolloBadRequest"],
  [429, "PolloRateLimited"],
  [500, "PolloServerError"],
  [503, "PolloServerError"]
]

/** Bodies without a message, and how long a client waits for each. */
const wordless: ReadonlyArray<readonly [what: string, body: string | Body, waits: number]> = [
  ["never comes", { pieces: [], end: "silence" }, 1_000],
  ["never ends", beginsAndIsSilent("{\"message\":"), 1_000],
  ["comes too slowly", inPieces(...Array.from({ length: 9 }, () => ({ text: " ", after: 300 }))), 1_000],
  ["is cut off", beginsAndBreaks("{\"message\":"), 0],
  ["lies about its encoding", beginsAndBreaks("", "Z_DATA_ERROR"), 0],
  ["is too large", `{"message":"${"x".repeat(70_000)}"}`, 0],
  ["is no JSON", "no such thing", 0],
  ["is null", "null", 0],
  ["is a list", "[]", 0],
  ["is a text", "\"no\"", 0],
  ["has a code and a message that are no texts", "{\"code\":1,\"message\":{}}", 0],
  ["has an empty code and message", "{\"code\":\"\",\"message\":\"\"}", 0]
]

const decided: ReadonlyArray<Behaviour> = statuses.flatMap(([status, tag]) =>
  wordless.map(([what, body, wait]): Behaviour => ({
    name: `a ${status} whose body ${what} is ${tag} all the same`,
    replies: [answer(status, body)],
    policy: { maxRetries: 0 },
    wants: {
      outcome: tag,
      fields: { status, code: `HTTP_${status}`, message: `the server answered with status ${status}`, issues: [] },
      requests: 1,
      waits: [wait]
    }
  }))
)

const again: ReadonlyArray<Behaviour> = statuses.filter(([status]) => [408, 429, 500, 503].includes(status)).map((
  [status]
): Behaviour => ({
  name: `a ${status} whose body never ends is retried like any ${status}`,
  replies: [answer(status, beginsAndIsSilent("{")), balance],
  wants: { outcome: "Balance", requests: 2, waits: [1_250, 0] }
}))

const patience: ReadonlyArray<Behaviour> = [
  {
    name: "the body of a 404 is waited for no longer than the attempt has",
    replies: [answer(404, beginsAndIsSilent("{"))],
    policy: { attemptTimeout: 200 },
    wants: { outcome: "PolloNotFound", requests: 1, waits: [200] }
  },
  {
    name: "the body of a 404 is waited for no longer than the deadline has",
    replies: [answer(404, beginsAndIsSilent("{"))],
    policy: { deadline: 200 },
    wants: { outcome: "PolloNotFound", requests: 1, waits: [200] }
  },
  {
    name: "the body of a 503 is waited for a second where nothing else has a limit",
    replies: [answer(503, beginsAndIsSilent("{")), balance],
    policy: { attemptTimeout: Infinity, deadline: Infinity },
    wants: { outcome: "Balance", requests: 2, waits: [1_250, 0] }
  },
  {
    name: "the body of a 401 counts when it comes within a second",
    replies: [
      answer(
        401,
        inPieces({ text: "{\"code\":\"EXPIRED\",", after: 400 }, { text: "\"message\":\"old\"}", after: 500 })
      )
    ],
    wants: { outcome: "PolloUnauthorized", fields: { code: "EXPIRED", message: "old" }, requests: 1, waits: [900] }
  },
  {
    name: "a 503 whose body is cut off keeps its Retry-After",
    replies: [answer(503, beginsAndBreaks("{"), { "retry-after": "60" })],
    wants: { outcome: "PolloServerError", fields: { retryAfter: 60_000, attempts: 1 }, requests: 1, waits: [0] }
  },
  {
    name: "a 503 whose body never ends keeps its Retry-After",
    replies: [answer(503, beginsAndIsSilent("{"), { "retry-after": "60" })],
    wants: { outcome: "PolloServerError", fields: { retryAfter: 60_000, attempts: 1 }, requests: 1, waits: [1_000] }
  }
]

const worded = (
  name: string,
  reply: Answer,
  fields: Readonly<Record<string, unknown>>,
  outcome: ErrorTag = "PolloBadRequest"
): Behaviour => ({ name, replies: [reply], wants: { outcome, fields, requests: 1 } })

const issue = (message: unknown) => ({ message })

const words: ReadonlyArray<Behaviour> = [
  worded(
    "the issues of a 400 are in the error",
    json(400, { code: "BAD_REQUEST", message: "bad", issues: [issue("a"), issue("b")] }),
    { code: "BAD_REQUEST", message: "bad", issues: [issue("a"), issue("b")] }
  ),
  worded(
    "of an issue only the message is kept",
    json(400, { code: "BAD_REQUEST", message: "bad", issues: [{ message: "a", path: ["x"] }] }),
    { issues: [issue("a")] }
  ),
  worded("the id of a request is in the error", refusal(400, { "x-request-id": "req-1" }), { requestId: "req-1" }),
  worded("an unknown code is in the error", json(400, { code: "LUNCH_BREAK", message: "later" }), {
    code: "LUNCH_BREAK",
    message: "later"
  }),
  worded(
    "entries of `issues` that are not issues are left out",
    json(400, { code: "BAD_REQUEST", message: "bad", issues: [7, null, "text", {}, issue(7), issue(""), issue("a")] }),
    { issues: [issue("a")], message: "bad" }
  ),
  worded(
    "issues that are not a list are ignored",
    json(400, { code: "BAD_REQUEST", message: "bad", issues: issue("a") }),
    { issues: [], message: "bad" }
  ),
  worded(
    "of more than 20 issues the first 20 are kept",
    json(400, { code: "BAD_REQUEST", message: "bad", issues: Array.from({ length: 30 }, (_, n) => issue(`${n}`)) }),
    { issues: Array.from({ length: 20 }, (_, n) => issue(`${n}`)) }
  ),
  worded(
    "a message is cut at 1,000 characters",
    json(400, { code: "BAD_REQUEST", message: "m".repeat(1_001) }),
    { message: "m".repeat(1_000) }
  ),
  worded(
    "a message is not cut in the middle of a character",
    json(400, { code: "BAD_REQUEST", message: `${"m".repeat(999)}\u{1f3ac}` }),
    { message: "m".repeat(999) }
  ),
  worded(
    "an issue is cut at 1,000 characters",
    json(400, { code: "BAD_REQUEST", message: "bad", issues: [issue("m".repeat(5_000))] }),
    { issues: [issue("m".repeat(1_000))] }
  ),
  worded("a code without a message is in the error", json(400, { code: "BAD_REQUEST" }), {
    code: "BAD_REQUEST",
    message: "the server answered with status 400"
  }),
  worded("a message without a code is in the error", json(400, { message: "bad" }), {
    code: "HTTP_400",
    message: "bad"
  }),
  worded("a code that names another status does not change the status", json(400, { code: "UNAUTHORIZED" }), {
    code: "UNAUTHORIZED",
    status: 400
  }),
  worded("the figures in a 400 do not make it a balance", json(400, figures), { code: "HTTP_400" }),
  worded(
    "a 403 because of missing credits is PolloForbidden",
    {
      ...json(403, { message: "Not enough credits", code: "FORBIDDEN" }),
      step: "not_enough_credits"
    },
    { code: "FORBIDDEN", message: "Not enough credits" },
    "PolloForbidden"
  ),
  worded(
    "a 404 with the API's error body differs from a web server's",
    {
      ...json(404, { message: "The API key is not known", code: "NOT_FOUND" }),
      step: "unknown_key"
    },
    { code: "NOT_FOUND" },
    "PolloNotFound"
  ),
  worded("a 404 of a web server differs from the API's", answer(404, "Cannot GET /credit/balance"), {
    code: "HTTP_404"
  }, "PolloNotFound")
]

export const errorBodies = { decided, again, patience, words }
