/** A CDN or a proxy that answers in place of the API: such an answer says nothing about the key or the account. */
import { answer, balance, json, page, refusal } from "../replies.ts"
import type { Answer, Behaviour, ErrorTag } from "../row.ts"

const intercepted = (name: string, reply: Answer, status: number, fields: object = {}): Behaviour => ({
  name,
  replies: [reply, balance],
  wants: {
    outcome: "PolloInvalidResponse",
    fields: { reason: "Intercepted", status, isTransient: true, isRetryable: false, attempts: 1, ...fields },
    requests: 1,
    waits: [0]
  }
})

const challenge = { "cf-mitigated": "challenge" }

/** A challenge is an interception with every status except 429, which always asks to slow down. */
const challenged: ReadonlyArray<Behaviour> = [200, 302, 400, 401, 403, 404, 500, 503, 520].map((status) =>
  intercepted(`a challenge with a ${status} is an interception`, page(status, challenge), status)
)

const types: ReadonlyArray<string> = [
  "text/html",
  "text/html; charset=utf-8",
  "TEXT/HTML;charset=UTF-8",
  " text/html ",
  "text/html;"
]

const otherTypes: ReadonlyArray<string> = ["text/plain", "application/json", "application/xhtml+xml", "text/htmlx", ""]

const pages: ReadonlyArray<Behaviour> = [401, 403, 407, 511].flatMap((status) =>
  types.map((type) =>
    intercepted(
      `a ${status} of type ${JSON.stringify(type)} is an interception`,
      page(status, { "content-type": type }),
      status
    )
  )
)

const tags: ReadonlyArray<readonly [status: number, tag: ErrorTag]> = [
  [401, "PolloUnauthorized"],
  [403, "PolloForbidden"],
  [407, "PolloApiError"],
  [511, "PolloServerError"]
]

const words: ReadonlyArray<Behaviour> = tags.flatMap(([status, outcome]) =>
  otherTypes.map((type): Behaviour => ({
    name: `a ${status} of type ${JSON.stringify(type)} is the API's own`,
    replies: [answer(status, "no", type === "" ? {} : { "content-type": type })],
    policy: { maxRetries: 0 },
    wants: { outcome, fields: { status, code: `HTTP_${status}` }, requests: 1, waits: [0] }
  }))
)

const others: ReadonlyArray<Behaviour> = [
  intercepted("a challenge without a page is an interception", answer(403, null, challenge), 403),
  intercepted("a challenge in JSON is an interception", json(403, { code: "FORBIDDEN" }, challenge), 403),
  intercepted("any word of cf-mitigated is an interception", refusal(403, { "cf-mitigated": "block" }), 403),
  intercepted("a page whose body never ends is an interception at once", {
    ...page(403),
    body: { pieces: [{ text: "<html>" }], end: "silence" }
  }, 403),
  intercepted("an interception has the id of its request", page(403, { "x-request-id": "ray-1" }), 403, {
    requestId: "ray-1"
  }),
  intercepted(
    "an interception has the retryAfter of its Retry-After",
    page(403, { ...challenge, "retry-after": "30" }),
    403,
    {
      retryAfter: 30_000
    }
  ),
  intercepted(
    "a challenge with a 503 has the retryAfter of its Retry-After",
    page(503, { ...challenge, "retry-after": "5" }),
    503,
    {
      retryAfter: 5_000
    }
  ),
  intercepted("the mock server's challenge is an interception", { ...page(403, challenge), step: "cloudflare" }, 403),
  {
    name: "a challenge with a 429 asks to slow down",
    replies: [page(429, { ...challenge, "retry-after": "60" })],
    wants: { outcome: "PolloRateLimited", fields: { code: "HTTP_429", retryAfter: 60_000 }, requests: 1, waits: [0] }
  },
  {
    name: "a page with a 404 is PolloNotFound",
    replies: [page(404)],
    wants: { outcome: "PolloNotFound", fields: { code: "HTTP_404" }, requests: 1 }
  },
  {
    name: "a page with a 503 is PolloServerError, and is retried",
    replies: [page(503), balance],
    wants: { outcome: "Balance", requests: 2, waits: [250, 0] }
  }
]

export const interceptions = { challenged, pages, words, others }
