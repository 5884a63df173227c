/** No redirect is followed, because the key would be sent to its target. */
import { answer, balance, json, page, refusal } from "../replies.ts"
import type { Answer, Behaviour, Wants } from "../row.ts"

const statuses: ReadonlyArray<readonly [status: number, transient: boolean]> = [
  [300, false],
  [301, false],
  [302, true],
  [303, true],
  [305, false],
  [306, false],
  [307, true],
  [308, false],
  [399, false]
]

const refused = (status: number, isTransient: boolean): Wants => ({
  outcome: "PolloInvalidResponse",
  fields: { reason: "Redirect", status, isTransient, isRetryable: false, attempts: 1, retryAfter: undefined },
  requests: 1,
  waits: [0]
})

const targets: ReadonlyArray<readonly [where: string, headers: Readonly<Record<string, string>>]> = [
  ["to another origin", { location: "https://elsewhere.test/credit/balance" }],
  ["to plain http", { location: "http://pollo.test/api/platform/credit/balance" }],
  ["to another path", { location: "/api/v2/credit/balance" }],
  ["to itself", { location: "https://pollo.test/api/platform/credit/balance" }],
  ["to nowhere", {}]
]

const redirected: ReadonlyArray<Behaviour> = statuses.flatMap(([status, transient]) =>
  targets.map(([where, headers]): Behaviour => ({
    name: `a ${status} ${where} is not followed`,
    replies: [answer(status, null, headers), balance],
    wants: refused(status, transient)
  }))
)

const others: ReadonlyArray<readonly [name: string, reply: Answer, wants: Wants]> = [
  [
    "a redirect with a web page is refused as a redirect",
    page(302, { location: "https://elsewhere.test/" }),
    refused(302, true)
  ],
  [
    "a redirect with a balance is refused as a redirect",
    json(302, { availableCredits: 1, totalCredits: 1 }),
    refused(302, true)
  ],
  ["a redirect with a Retry-After has no retryAfter", answer(307, null, { "retry-after": "5" }), refused(307, true)],
  ["a redirect that a browser hides behind status 0 is refused", answer(0, null), refused(0, false)],
  [
    "a redirect that the transport followed by itself is refused",
    { ...balance, redirected: true },
    refused(200, false)
  ],
  [
    "an error that a followed redirect led to is refused as a redirect",
    { ...refusal(404), redirected: true },
    refused(404, false)
  ],
  ["a 429 after a followed redirect is PolloRateLimited", {
    ...refusal(429, { "retry-after": "60" }),
    redirected: true
  }, { outcome: "PolloRateLimited", fields: { retryAfter: 60_000 }, requests: 1 }],
  [
    "a redirect by the mock server is not followed",
    { ...answer(302, null, { location: "https://elsewhere.test/" }), step: "redirect" },
    refused(302, true)
  ]
]

export const redirects = {
  redirected,
  others: others.map(([name, reply, wants]): Behaviour => ({ name, replies: [reply], wants }))
}
