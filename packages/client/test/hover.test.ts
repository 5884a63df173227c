import { assert, describe, it } from "@effect/vitest"
import manifest from "../package.json" with { type: "json" }
import { hover } from "./support/languageServer.ts"

/**
 * Members that an editor must explain, beside every exported name and every static of an exported class or constant.
 */
const members: Record<string, ReadonlyArray<string>> = {
  "RequestPolicy": ["attemptTimeout", "deadline", "maxRetries", "backoff", "maxRetryAfter"],
  "RequestPolicy.Input": ["attemptTimeout", "deadline", "maxRetries", "backoff", "maxRetryAfter"],
  "RequestPolicy.Resolved": ["attemptTimeout", "deadline", "maxRetries", "backoff", "maxRetryAfter"],
  "RequestPolicy.Backoff": ["base", "factor", "max", "jitter"],
  "RequestPolicy.ResolvedBackoff": ["base", "factor", "max", "jitter"],
  "PolloCredits.Options": [
    "apiKey",
    "baseUrl",
    "policy",
    "transformClient",
    "allowInsecureBaseUrl",
    "maxBodySize",
    "propagateTrace"
  ],
  "PolloCredits.ConfigOptions": ["apiKey", "baseUrl"],
  "PolloCredits.Service": ["getBalance"],
  "BalanceCache.Options": ["timeToLive", "staleIfError", "maxBackoff"],
  "BalanceCache.Service": ["get", "refresh", "invalidate"],
  "BalanceCache.Fresh": ["balance", "observedAt", "stale"],
  "BalanceCacheRedis.Options": ["account", "timeToLive", "staleIfError", "maxBackoff", "prefix"],
  "BalanceWatch.Options": ["every", "lowAt", "recoverAt", "jitter", "maxWait"],
  "BalanceWatch.ForecastOptions": ["window", "minSamples"],
  "BalanceWatch.Observation": ["at", "balance"],
  "BalanceEvent.Low": ["at", "balance", "lowAt"],
  "BalanceForecast.Forecast": ["creditsPerHour", "timeToEmpty", "samples"],
  "CreditBudget.Options": ["safetyMargin", "onUnreadable", "chargeLag", "limits"],
  "CreditBudget.Limit": ["credits", "every", "label"],
  "CreditBudget.LimitStatus": ["credits", "every", "label", "spent", "reserved", "resetsAt", "incomplete"],
  "CreditBudget.Service": ["reserve", "withReservation", "status", "holds", "free", "unexplained"],
  "CreditBudget.Unexplained": ["credits", "between", "and"],
  "CreditBudget.ReserveOptions": ["label", "wait", "onFailure"],
  "CreditBudget.Wait": ["for", "pollEvery"],
  "CreditBudget.Reservation": ["cost", "charged", "settle", "release"],
  "CreditBudget.Status": ["available", "reserved", "reservations", "waiting", "limits"],
  "CreditBudget.Hold": ["id", "label", "phase", "credits", "since", "machine"],
  "CreditBudgetRedis.Operator": ["status", "holds", "free"],
  "CreditBudgetRedis.Options": ["account", "lease", "prefix", "safetyMargin"],
  "PolloCreditsTest.Service": ["calls", "answer"],
  "PolloCreditsTest.Call": ["number", "startedAt", "endedAt", "outcome"],
  "PolloConfigError": ["field", "problem"],
  "CreditBalance": ["availableCredits", "totalCredits"],
  "SpendLimitReached": [
    "limit",
    "label",
    "required",
    "spent",
    "reserved",
    "resetsAt",
    "isRetryable",
    "isTransient"
  ],
  "InsufficientCredits": ["required", "available", "reserved", "safetyMargin", "billingUrl", "isRetryable"],
  "PolloRateLimited": ["status", "code", "issues", "requestId", "attempts", "retryAfter", "isRetryable"],
  "PolloServerError": ["status", "retryAfter"],
  "PolloUnauthorized": ["status", "code", "attempts"],
  "PolloTransportError": ["code", "attempts"],
  "PolloTimeout": ["phase", "timeout", "attempts"],
  "PolloInvalidResponse": ["reason", "status", "requestId", "attempts"]
}

const statics: Record<string, ReadonlyArray<string>> = {
  PolloCredits: ["make", "layer", "layerConfig", "getBalance"],
  RequestPolicy: ["make", "defaults", "none", "override", "parse"],
  BalanceCache: ["make", "layer", "get", "refresh", "invalidate"],
  BalanceCacheRedis: ["make", "layer"],
  BalanceWatch: ["stream", "forecast", "forecasts"],
  CreditBudget: ["make", "layer", "reserve", "withReservation", "status", "holds", "free", "unexplained"],
  CreditBudgetRedis: ["make", "layer", "operator"],
  PolloCreditsTest: ["make", "layer", "calls", "answer", "delay", "error"],
  "PolloCreditsTest.error": [
    "badRequest",
    "unauthorized",
    "forbidden",
    "notFound",
    "rateLimited",
    "serverError",
    "apiError",
    "transportError",
    "timeout",
    "invalidResponse"
  ]
}

const entryPoints = Object.entries(manifest.exports).flatMap(([path, target]) =>
  target?.endsWith(".ts") === true ? [path.replace(".", manifest.name)] : []
)

describe("an editor shows a text", () => {
  it("for every exported name, static and field", async () => {
    const lines: Array<string> = []
    const asked: Array<readonly [name: string, line: number, word: string]> = []
    const ask = (name: string, line: string, word: string) => {
      asked.push([name, lines.length, word])
      lines.push(line)
    }
    for (const specifier of entryPoints) {
      const entry: object = await import(specifier)
      for (const name of Object.keys(entry)) {
        ask(`${name} of ${specifier}`, `import { ${name} } from "${specifier}"`, name)
      }
    }
    for (const [owner, names] of Object.entries(statics)) {
      for (const name of names) ask(`${owner}.${name}`, `void ${owner}.${name}`, name)
    }
    for (const [owner, names] of Object.entries(members)) {
      for (const name of names) {
        const value = `a${asked.length}`
        lines.push(`declare const ${value}: ${owner}`)
        ask(`a ${owner}'s ${name}`, `void ${value}.${name}`, name)
      }
    }
    const starts = lines.map((_, index) => lines.slice(0, index).join("\n").length + (index === 0 ? 0 : 1))
    const texts = await hover(
      lines.join("\n"),
      asked.map(([, line, word]) =>
        (starts[line] ?? 0) + (lines[line] ?? "").search(new RegExp(`\\b${word}\\b(?!.*\\b${word}\\b[^"]*$)`))
      )
    )
    const bare = asked.flatMap(([name], index) => /\n```\n\s*\S/.test(texts[index] ?? "") ? [] : [name])
    assert.deepEqual(bare, [])
  })
})
