import { describe, expect, it } from "vitest"
import { isError, request } from "../support.ts"
import { start } from "./support.ts"

describe("limits", () => {
  it("let a window of 60 s be tested in no time", async () => {
    const { ask, call, server } = start()
    const key = "mock_503_then_ok.limited"
    await call("POST", `/clock/${key}/freeze`)
    await call("PUT", `/accounts/${key}`, { availableCredits: 1, limit: { capacity: 1, refillPerSecond: 1 / 60 } })
    expect((await ask(key)).status).toBe(503)
    const limited = await ask(key)
    expect([limited.status, limited.headers.get("retry-after")]).toEqual([429, "60"])
    expect(limited.body).toMatchObject({ code: "TOO_MANY_REQUESTS" })
    expect(isError(limited.body)).toBe(true)
    await call("POST", `/clock/${key}/advance`, { millis: 59_999 })
    expect((await ask(key)).status).toBe(429)
    await call("POST", `/clock/${key}/advance`, { millis: 1 })
    expect((await ask(key)).status).toBe(200)
    const { requests } = await server.admin.requests({ key })
    expect(requests.map(({ retryAfter, step }) => [step, retryAfter])).toEqual([
      ["503", "1"],
      ["limit", "60"],
      ["limit", "1"],
      ["ok", null]
    ])
    expect(await server.admin.countRequests({ key, step: "limit" })).toEqual({ count: 2 })
  })

  it.each([
    ["seconds", "7"],
    ["none", null],
    ["zero", "0"],
    ["huge", "31536000"],
    ["garbage", "soon"]
  ])("say when to come back: %s", async (retryAfter, header) => {
    const { ask, call } = start()
    await call("POST", "/clock/k/freeze")
    const limit = { capacity: 1, refillPerSecond: 1 / 7, retryAfter }
    expect((await call("PUT", "/accounts/k", { availableCredits: 1, limit })).body).toMatchObject({
      limit: { ...limit, tokens: 1 }
    })
    await ask("k")
    expect((await ask("k")).headers.get("retry-after")).toBe(header)
  })

  it.each([["date", 7000], ["past", -3_600_000]])("say when to come back as a %s", async (retryAfter, after) => {
    const { ask, call, server } = start()
    const { now } = await server.admin.freeze("k")
    const limit = { capacity: 1, refillPerSecond: 1 / 7, retryAfter }
    await call("PUT", "/accounts/k", { availableCredits: 1, limit })
    await ask("k")
    const { headers } = await ask("k")
    const second = (millis: number) => Math.floor(millis / 1000)
    expect(second(Date.parse(headers.get("retry-after") ?? ""))).toBeGreaterThanOrEqual(second(now + after))
    expect(second(Date.parse(headers.get("retry-after") ?? ""))).toBeLessThanOrEqual(second(now + after) + 1)
    expect(second(Date.parse(headers.get("date") ?? ""))).toBe(second(now))
  })

  it("are removed by setting the account without a limit, and send no Retry-After without a refill", async () => {
    const { ask, call } = start()
    await call("PUT", "/accounts/k", { availableCredits: 1, limit: { capacity: 1, refillPerSecond: 0 } })
    await ask("k")
    const { headers, status } = await ask("k")
    expect([status, headers.get("retry-after")]).toEqual([429, null])
    await call("PUT", "/accounts/k", { availableCredits: 1 })
    expect((await ask("k")).status).toBe(200)
  })

  it("of new keys come from the settings, and requests without a key use up nothing", async () => {
    const { ask, call, server } = start()
    await call("PUT", "/settings", { limit: { capacity: 1, refillPerSecond: 1 } })
    for (let n = 0; n < 3; n++) expect((await server.fetch(request())).status).toBe(401)
    expect([(await ask("a")).status, (await ask("a")).status, (await ask("b")).status]).toEqual([200, 429, 200])
  })
})

describe("plans", () => {
  it("take the place of what the key asks for, step by step", async () => {
    const { ask, call } = start()
    const key = "mock_unauthorized.plan"
    expect((await call("PUT", `/accounts/${key}/plan`, { steps: ["503", "503", "ok"] })).body).toEqual({
      steps: ["503", "503", "ok"],
      next: "503"
    })
    expect((await ask(key)).status).toBe(503)
    expect((await call("GET", `/accounts/${key}`)).body).toMatchObject({ reservedSteps: ["503", "ok"], next: "503" })
    expect([(await ask(key)).status, (await ask(key)).status, (await ask(key)).status]).toEqual([503, 200, 200])
    expect((await call("GET", `/accounts/${key}/plan`)).body).toEqual({ steps: ["ok"], next: "ok" })
  })

  it("count and name steps as keys do, and show them as they were written", async () => {
    const { ask, call } = start()
    const steps = ["429_x3", "CONNECTION_RESET_BY_PEER", "delay_5_before_Ok"]
    expect((await call("PUT", "/accounts/k/plan", { steps })).body).toEqual({ steps, next: "429" })
    await ask("k")
    expect((await call("GET", "/accounts/k/plan")).body).toEqual({ steps: ["429_x2", ...steps.slice(1)], next: "429" })
  })

  it("are refused whole when one step does not exist", async () => {
    const { call, refusal } = start()
    const { error, status } = await refusal("PUT", "/accounts/k/plan", { steps: ["503", "teapot"] })
    expect(status).toBe(400)
    expect(error).toMatchObject({
      issues: [{ message: `steps.1: "teapot" is no step` }, { message: expect.stringContaining("low_balance") }]
    })
    expect((await call("GET", "/accounts/k/plan")).body).toEqual({ steps: ["ok"], next: "ok" })
  })
})
