import { PolloCredits } from "@effect-pollo/client"
import { createMockServer } from "@effect-pollo/mock-server"
import { Layer, ManagedRuntime, Redacted } from "effect"
import { FetchHttpClient } from "effect/http"
import { execFile } from "node:child_process"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { describe, expect, it } from "vitest"
import { redisAvailable, startRedis } from "../../client/test/support/redisServer.ts"
import { makeApp } from "../src/50-hono-app.ts"

/** Runs an example as a person would, with nothing in the environment but what is given. */
const run = async (name: string, env: Record<string, string> = {}): Promise<ReadonlyArray<string>> => {
  const file = fileURLToPath(new URL(`../src/${name}.ts`, import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, [file], { env: { NO_COLOR: "1", ...env } })
  return stdout.trimEnd().split("\n")
}

describe("10-quickstart", () => {
  it("reads a balance from a mock server and shows every member of the union", async () => {
    const [address, balance, , , ...failures] = await run("10-quickstart")
    expect(address).toMatch(/^mock server: http:\/\/127\.0\.0\.1:\d+\/api\/platform$/)
    expect(balance).toBe("1000 of 1000 credits left")
    expect(failures.map((line) => line.trim().split(/\s+/).slice(0, 2))).toEqual([
      ["PolloBadRequest", "final"],
      ["PolloUnauthorized", "final"],
      ["PolloForbidden", "final"],
      ["PolloNotFound", "final"],
      ["PolloRateLimited", "retryable"],
      ["PolloServerError", "retryable"],
      ["PolloApiError", "retryable"],
      ["PolloTransportError", "retryable"],
      ["PolloTimeout", "retryable"],
      ["PolloInvalidResponse", "final"]
    ])
  })

  it("asks the API at POLLO_BASE_URL when POLLO_API_KEY is set", async () => {
    await using api = await createMockServer().listen({ port: 0 })
    const lines = await run("10-quickstart", { POLLO_API_KEY: "mock_fractional", POLLO_BASE_URL: api.baseUrl })
    expect(lines).toEqual(["12.34 of 1000 credits left"])
  })
})

it("20-errors gives advice for each failure", async () => {
  expect(await run("20-errors")).toEqual([
    "mock_ok: 1000 credits left",
    "mock_unauthorized: the key is missing or malformed: copy it again",
    "mock_rate_limited: slow down: ask again in 1s",
    "mock_502: the API answered 502 to 1 requests",
    "mock_truncated: no connection: unknown",
    "mock_wrong_type: not the API we know: Schema"
  ])
})

it("30-policies counts the requests of each policy", async () => {
  expect(await run("30-policies")).toEqual([
    "defaults: 1000 credits after 3 requests",
    "one attempt: PolloServerError after 1 requests",
    "breaker closed: PolloTransportError after 3 requests",
    "breaker open: PolloTransportError after 0 requests"
  ])
})

describe("50-hono-app", () => {
  const rows = [
    ["mock_ok", 200, { availableCredits: 1000 }],
    ["mock_503", 503, { message: "balance not available" }],
    ["mock_unauthorized", 500, { message: "balance not available" }]
  ] as const
  it.each(rows)("answers for %s with %d and no word of the cause", async (key, status, body) => {
    await using api = await createMockServer().listen({ port: 0 })
    const credits = PolloCredits.layer({ apiKey: Redacted.make(key), baseUrl: api.baseUrl, policy: { maxRetries: 0 } })
    const runtime = ManagedRuntime.make(credits.pipe(Layer.provide(FetchHttpClient.layer)))
    const response = await makeApp(runtime).request("/credits")
    expect([response.status, await response.json()]).toEqual([status, body])
    await runtime.dispose()
  })
})

it("60-batch-with-budget starts what the balance covers and no more", async () => {
  expect(await run("60-batch-with-budget")).toEqual([
    "rendered dawn.mp4",
    "rendered noon.mp4",
    "rendered dusk.mp4",
    "not started: InsufficientCredits",
    "not started: InsufficientCredits",
    "10 credits left"
  ])
})

it("65-limits keeps each team within its limit, and both within theirs", async () => {
  expect(await run("65-limits")).toEqual([
    "team-a: rendered dawn.mp4",
    "team-a: rendered noon.mp4",
    "team-a: no room for dusk: 60 of 80 credits spent by team-a",
    "team-b: rendered night.mp4",
    "team-b: no room for storm: 90 of 100 credits spent by both teams",
    "team-a: 60 of 80 credits",
    "all: 90 of 100 credits"
  ])
})

it("70-low-balance-alert tells of the crossing once", async () => {
  expect(await run("70-low-balance-alert")).toEqual([
    "low: 470 credits left",
    "topped up by 300",
    "recovered: 750 credits left"
  ])
})

it("75-quote holds what the vendor quotes, and refuses a quote that is no cost", async () => {
  expect(await run("75-quote")).toEqual([
    "5 s: rendered for 40 credits",
    "10 s: rendered for 80 credits",
    expect.stringMatching(/^6 s: .*48.*10/),
    "90 s: cost must be a finite number of credits, 0 or more",
    "10 credits left"
  ])
})

it("77-leaked-key tells what somebody else has spent, and shows what jobs hold", async () => {
  expect(await run("77-leaked-key")).toEqual([
    "team-a holds 30 credits, active",
    "team-a holds 30 credits, active",
    "120 credits are gone, and no job of ours took them: change the key"
  ])
})

it.skipIf(!redisAvailable)(
  "80-fleet-on-redis starts what the balance covers (skipped without redis-server)",
  async () => {
    await using redis = await startRedis()
    expect(await run("80-fleet-on-redis", { REDIS_URL: redis.url })).toEqual(["6 jobs were done, 20 credits are left"])
  }
)

it("85-exporter serves its own metrics and a balance that is read once for many scrapes", async () => {
  expect(await run("85-exporter")).toEqual([
    "renders_total 3",
    "pollo_client_outcomes_total{outcome=\"Success\"} 1",
    "pollo_credits_available 620",
    "3 scrapes, 1 request"
  ])
})
