/** The address of the request, and the options that are refused before a request is sent. */
import { balance } from "../replies.ts"
import type { Behaviour, Options, Policy } from "../row.ts"

const addresses: ReadonlyArray<readonly [base: string, options?: Options]> = [
  ["https://pollo.ai/api/platform"],
  ["https://pollo.ai/api/platform/"],
  ["https://pollo.ai/api/platform//"],
  ["https://pollo.ai"],
  ["https://pollo.ai:8443/x"],
  ["HTTPS://POLLO.AI/api"],
  ["http://localhost:4010/api/platform"],
  ["http://LocalHost"],
  ["http://127.0.0.1:4010/"],
  ["http://127.8.9.1"],
  ["http://127.1:4010"],
  ["http://0x7f.1"],
  ["http://2130706433"],
  ["http://[::1]:4010"],
  ["http://[0:0:0:0:0:0:0:1]"],
  ["http://10.0.0.1/api", { allowInsecureBaseUrl: true }],
  ["http://pollo.ai", { allowInsecureBaseUrl: true }]
]

const asked: ReadonlyArray<Behaviour> = addresses.map(([baseUrl, options]) => ({
  name: `${baseUrl} is asked${options === undefined ? "" : " where the caller allows that"}`,
  replies: [balance],
  options: { baseUrl, ...options },
  wants: { outcome: "Balance", requests: 1 }
}))

const refused = (name: string, field: string, options: Options, policy: Policy = {}): Behaviour => ({
  name,
  replies: [balance],
  options,
  policy,
  wants: { outcome: "PolloConfigError", fields: { field }, requests: 0 }
})

const keys: ReadonlyArray<readonly [what: string, apiKey: string]> = [
  ["that is empty", ""],
  ["with a space inside", "pollo_secret one"],
  ["with a space before it", " pollo_secret"],
  ["with a line break at its end", "pollo_secret\n"],
  ["with a carriage return at its end", "pollo_secret\r"],
  ["with a line break inside", "pollo_\nsecret"],
  ["with a tab inside", "pollo_\tsecret"],
  ["with a zero inside", "pollo_\0secret"],
  ["in other letters", "pollo_\u043a\u043b\u044e\u0447"],
  ["with a delete at its end", "pollo_secret\u007f"],
  ["in curly quotation marks", "\u201cpollo_secret\u201d"],
  ["with a byte order mark before it", "\ufeffpollo_secret"]
]

const urls: ReadonlyArray<string> = [
  "",
  "pollo.ai/api",
  "/api/platform",
  "ftp://pollo.ai",
  "file:///etc/passwd",
  "javascript:0",
  "http://pollo.ai/api/platform",
  "http://10.0.0.1/api",
  "http://0.0.0.0",
  "http://[::]",
  "http://[::ffff:127.0.0.1]",
  "http://localhost.evil.test",
  "http://127.0.0.1.evil.test",
  "http://pollo.localhost",
  "http://localhost.",
  "http://localhost%2e",
  "https://user:secret@pollo.ai",
  "https://secret@pollo.ai",
  "https://pollo.ai/api?key=secret",
  "https://pollo.ai/api?",
  "https://pollo.ai/api#secret",
  "https://pollo.ai:99999"
]

const policies: ReadonlyArray<readonly [what: string, field: string, policy: Policy]> = [
  ["retries below zero", "policy.maxRetries", { maxRetries: -1 }],
  ["a retry and a half", "policy.maxRetries", { maxRetries: 1.5 }],
  ["retries that are NaN", "policy.maxRetries", { maxRetries: NaN }],
  ["infinite retries", "policy.maxRetries", { maxRetries: Infinity }],
  ["a time of zero for an attempt", "policy.attemptTimeout", { attemptTimeout: 0 }],
  ["a negative time for an attempt", "policy.attemptTimeout", { attemptTimeout: -1 }],
  ["a time for an attempt that is NaN", "policy.attemptTimeout", { attemptTimeout: NaN }],
  ["a time of zero for a call", "policy.deadline", { deadline: 0 }],
  ["a negative time for a call", "policy.deadline", { deadline: -1 }],
  ["a maxRetryAfter below zero", "policy.maxRetryAfter", { maxRetryAfter: -1 }],
  ["a base below zero", "policy.backoff.base", { backoff: { base: -1 } }],
  ["a longest wait below zero", "policy.backoff.max", { backoff: { max: -1 } }],
  ["a factor below one", "policy.backoff.factor", { backoff: { factor: 0.5 } }],
  ["an infinite factor", "policy.backoff.factor", { backoff: { factor: Infinity } }],
  ["jitter below zero", "policy.backoff.jitter", { backoff: { jitter: -0.1 } }],
  ["jitter that is NaN", "policy.backoff.jitter", { backoff: { jitter: NaN } }]
]

const mistakes: ReadonlyArray<Behaviour> = [
  ...keys.map(([what, apiKey]) => refused(`a key ${what} is refused, and not repeated`, "apiKey", { apiKey })),
  ...urls.map((baseUrl) => refused(`the base URL ${JSON.stringify(baseUrl)} is refused`, "baseUrl", { baseUrl })),
  ...[0, -1, 1.5, NaN, Infinity].map((maxBodySize) =>
    refused(`a body of ${maxBodySize} bytes at most is refused`, "maxBodySize", { maxBodySize })
  ),
  ...policies.map(([what, field, policy]) => refused(`a policy with ${what} is refused`, field, {}, policy))
]

export const options = { asked, mistakes }
