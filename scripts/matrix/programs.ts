/** What a user writes: programs for each Effect, and a test file. They are strings: nothing here may compile them. */

/** Reads a balance, and meets the faults of the mock server. It starts that by itself where nobody says where it is. */
const program = (client: string, http: string) =>
  `import { PolloCredits } from "${client}"
import { FetchHttpClient } from "${http}"
import { Effect, Layer, Redacted } from "effect"

export const expected = {
  mock_ok: "1000",
  mock_envelope: "1000",
  mock_503_x2_then_ok: "1000",
  mock_429_3600: "PolloRateLimited",
  mock_unauthorized: "PolloUnauthorized",
  mock_unknown_key: "PolloNotFound",
  mock_500: "PolloServerError",
  mock_reset: "PolloTransportError",
  mock_truncated: "PolloTransportError",
  mock_hang: "PolloTimeout",
  mock_not_json: "PolloInvalidResponse",
  mock_redirect: "PolloInvalidResponse"
}

const policy = { maxRetries: 2, attemptTimeout: "5 seconds", backoff: { base: "10 millis" }, deadline: "20 seconds" }

const outcomeOf = (baseUrl, key, run) => {
  const apiKey = Redacted.make(key + "." + run)
  const layer = PolloCredits.layer({ apiKey, baseUrl, policy }).pipe(Layer.provide(FetchHttpClient.layer))
  return Effect.runPromise(
    PolloCredits.getBalance.pipe(
      Effect.match({ onFailure: (error) => error._tag, onSuccess: (balance) => String(balance.availableCredits) }),
      Effect.provide(layer)
    )
  )
}

/** What was not as expected. */
export const differences = async (baseUrl, run) => {
  const all = await Promise.all(
    Object.entries(expected).map(async ([key, want]) => {
      const got = await outcomeOf(baseUrl, key, run).catch(String)
      return got === want ? [] : [key + ": " + got + " and not " + want]
    })
  )
  return all.flat()
}
`

export const main = `
import { createMockServer } from "@effect-pollo/mock-server"
const server = await createMockServer().listen()
const found = await differences(server.baseUrl, "main")
await server.close()
if (found.length > 0) throw new Error(found.join("\\n"))
console.log("as expected")
`

export const scenario4 = program("@effect-pollo/client", "effect/http")
export const scenario3 = program("@effect-pollo/client-effect3", "@effect/platform")
export const effect4 = scenario4 + main
export const effect3 = scenario3 + main

/** It is TypeScript, and no version of Vitest may find a mistake of types in it either. */
export const vitestFile = `import { expect, type MockKey, test } from "@effect-pollo/mock-server/vitest"

const ask = async (mock: MockKey): Promise<number> => {
  const response = await fetch(mock.baseUrl + "/credit/balance", { headers: { "x-api-key": mock.key } })
  return response.status
}

test("fails twice, then passes", async ({ mock }) => {
  const flaky = mock.steps("503_x2", "ok")
  for (let attempt = 0; attempt < 3; attempt++) {
    await ask(flaky)
    await flaky.admin.advance(flaky.key, { millis: 1000 })
  }
  expect(flaky).toHaveSentRequests(3)
  expect(flaky).toHaveSeenStatuses(503, 503, 200)
  expect(flaky).toHaveWaitedRetryAfter()
  expect.soft(flaky).toNeverHaveRetried(401)
  expect(flaky).not.toHaveSentRequests({ min: 4 })
  expect({ key: mock.key }).toEqual({ key: expect.any(String) })
})

test.for([1, 2])("gives each test a key of its own (%i)", async (_run, { mock }) => {
  expect(mock.requests).toHaveLength(0)
  expect(await ask(mock)).toBe(200)
})

test("says what came", async ({ mock }) => {
  await ask(mock)
  expect(() => expect(mock).toHaveSentRequests(2)).toThrow("Expected 2 requests. 1 request came.")
})
`

/** Uses what a program of a user would name, and holds its types. */
const typed = (client: string, http: string) =>
  `import { PolloCredits, type CreditBalance, type PolloError, RequestPolicy } from "${client}"
import { FetchHttpClient } from "${http}"
import { Effect, Layer, Redacted } from "effect"

export const layer = PolloCredits.layer({ apiKey: Redacted.make("k"), policy: { maxRetries: 1 } }).pipe(
  Layer.provide(FetchHttpClient.layer)
)
export const balance: Effect.Effect<CreditBalance, PolloError, PolloCredits> = PolloCredits.getBalance.pipe(
  RequestPolicy.override({ deadline: "2 seconds" })
)
export const credits: Effect.Effect<number, unknown> = balance.pipe(
  Effect.map(({ availableCredits }) => availableCredits),
  Effect.catchTag("PolloRateLimited", () => Effect.succeed(0)),
  Effect.provide(layer)
)
`

export const typed3 = typed("@effect-pollo/client-effect3", "@effect/platform")
export const typed4 = `${typed("@effect-pollo/client", "effect/http")}
import { BalanceCache } from "@effect-pollo/client/BalanceCache"
import { BalanceWatch } from "@effect-pollo/client/BalanceWatch"
import { CreditBudget } from "@effect-pollo/client/CreditBudget"
import { PolloCreditsTest } from "@effect-pollo/client/testing"

export const fresh = BalanceCache.layer({ timeToLive: "5 seconds" })
export const events = BalanceWatch.stream({ every: "1 minute", lowAt: 500 })
export const job = CreditBudget.withReservation(30)(Effect.void)
export const scripted = PolloCreditsTest.layer([40, 20])
`

export const typedMock = `import { createMockServer, type MockServer } from "@effect-pollo/mock-server"

const server: MockServer = createMockServer({ accounts: { k: { availableCredits: 5 } } })
export const running = server.listen({ port: 0 }).then(({ baseUrl, close }) => ({ baseUrl, close }))
export const answer: Promise<Response> = server.fetch("http://mock/api/platform/credit/balance")
`

/** The same text is TypeScript in a CommonJS project, and what TypeScript makes of it is run. */
export const commonjs = `import { PolloCredits } from "@effect-pollo/client"
import { createMockServer } from "@effect-pollo/mock-server"

export const all = [PolloCredits.getBalance, createMockServer]
`

export const commonjsRun = `const { PolloCredits } = require("@effect-pollo/client")
const { createMockServer } = require("@effect-pollo/mock-server")
if (PolloCredits.getBalance === undefined || createMockServer === undefined) throw new Error("nothing was loaded")
`
