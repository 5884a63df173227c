import { describe, expect, it } from "vitest"
import manifest from "../package.json" with { type: "json" }
import { createMockServer } from "../src/index.ts"
import { isError, request } from "./support.ts"

const start = () => {
  const server = createMockServer()
  const call = async (method: string, path: string, body?: unknown) => {
    const response = await server.fetch(
      new Request(`http://mock/__admin${path}`, {
        method,
        ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) })
      })
    )
    const text = await response.text()
    const json: unknown = text === "" ? undefined : JSON.parse(text)
    return { status: response.status, headers: response.headers, body: json }
  }
  const refusal = async (method: string, path: string, body?: unknown) => {
    const { body: error, status } = await call(method, path, body)
    expect(isError(error)).toBe(true)
    return { status, error }
  }
  const ask = async (key: string) => {
    const response = await server.fetch(request(key))
    return { status: response.status, headers: response.headers, body: await response.json() }
  }
  return { server, call, refusal, ask }
}

describe("accounts", () => {
  it("are there for every key, with what the server was told that a new key has", async () => {
    const { call } = start()
    const { body, status } = await call("GET", "/accounts/some%20key%2F1")
    expect(status).toBe(200)
    expect(body).toEqual({
      key: "some key/1",
      label: "some …1",
      availableCredits: 1000,
      totalCredits: 1000,
      reportedCredits: 1000,
      grantedCredits: 1000,
      spentCredits: 0,
      drainedCredits: 0,
      expiredCredits: 0,
      lowestCredits: 1000,
      drainPerMinute: 0,
      lagMillis: 0,
      scheduled: 0,
      refused: 0,
      limit: null,
      reservedSteps: ["ok"],
      next: "ok",
      clock: { now: expect.any(Number), frozen: false },
      attempts: 0
    })
  })

  it("are set, spent from and topped up, and the balance endpoint follows", async () => {
    const { ask, call } = start()
    expect((await call("PUT", "/accounts/k", { availableCredits: 100 })).body).toMatchObject({
      key: "k",
      availableCredits: 100,
      totalCredits: 100
    })
    expect((await call("PUT", "/accounts/k", { availableCredits: 12.34, totalCredits: 50 })).body)
      .toMatchObject({ availableCredits: 12.34, totalCredits: 50 })
    expect((await call("POST", "/accounts/k/spend", { credits: 2.34 })).body).toMatchObject({ availableCredits: 10 })
    expect((await call("POST", "/accounts/k/top-up", { credits: 5 })).body)
      .toMatchObject({ availableCredits: 15, totalCredits: 55 })
    expect((await ask("k")).body).toEqual({ availableCredits: 15, totalCredits: 55 })
  })

  it("do not change by the same id again, nor by a spend beyond the balance, which is a 409", async () => {
    const { call, refusal } = start()
    await call("PUT", "/accounts/k", { availableCredits: 100 })
    for (const path of ["spend", "spend", "top-up", "top-up"]) {
      expect((await call("POST", `/accounts/k/${path}`, { credits: 10, id: "job-1" })).status).toBe(200)
    }
    const { body: before } = await call("GET", "/accounts/k")
    expect(before).toMatchObject({ availableCredits: 100, spentCredits: 10, grantedCredits: 110 })
    const { error, status } = await refusal("POST", "/accounts/k/spend", { credits: 100.01, id: "job-2" })
    expect([status, error]).toEqual([409, {
      message: "Not enough credits",
      code: "CONFLICT",
      issues: [{ message: "credits: 100.01 is more than the 100 that are available" }]
    }])
    expect((await call("GET", "/accounts/k")).body).toMatchObject({ availableCredits: 100, spentCredits: 10 })
    expect((await call("POST", "/accounts/k/spend", { credits: 100, id: "job-2" })).status).toBe(200)
  })

  it("drain, lag, expire and cross thresholds by the clock of the key", async () => {
    const { ask, call } = start()
    const reads = async (availableCredits: number) => expect((await ask("k")).body).toMatchObject({ availableCredits })
    await call("POST", "/clock/k/freeze", {})
    await call("PUT", "/accounts/k", { availableCredits: 100, drainPerMinute: 6, lagMillis: 1000 })
    await call("POST", "/accounts/k/spend", { credits: 40 })
    await reads(100)
    await call("POST", "/clock/k/advance", { millis: 60_000 })
    await reads(54)
    await call("PUT", "/accounts/k", { availableCredits: 100 })
    await call("POST", "/accounts/k/top-up", { credits: 7, expiresInMillis: 500 })
    await reads(107)
    await call("POST", "/clock/k/advance", { millis: 500 })
    await reads(100)
    await call("POST", "/accounts/k/spend", { credits: 95, inMillis: 1000 })
    await call("POST", "/accounts/k/top-up", { credits: 95, inMillis: 2000 })
    await call("POST", "/clock/k/advance", { millis: 3000 })
    await reads(100)
    const { body } = await call("GET", "/accounts/k/history")
    expect(body).toMatchObject({ points: expect.arrayContaining([{ at: expect.any(Number), availableCredits: 5 }]) })
  })

  it("are listed by their labels, the one that was used last at the end", async () => {
    const { ask, call } = start()
    for (const key of ["first-key", "second-key", "third-key"]) await ask(key)
    expect((await call("GET", "/accounts?limit=2")).body).toMatchObject({
      total: 3,
      accounts: [{ key: "secon…2", label: "secon…2" }, { key: "thir…3" }]
    })
    const label = encodeURIComponent("secon…2")
    await call("POST", `/accounts/${label}/spend`, { credits: 1 })
    expect((await call("GET", "/accounts/second-key")).body).toMatchObject({ availableCredits: 999 })
    expect((await call("GET", "/accounts")).body).toMatchObject({ total: 3 })
  })
})

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

  it("are taken off by setting the account without one, and name no time when there is none", async () => {
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

describe("clocks", () => {
  it("freeze, advance and resume, each key by itself", async () => {
    const { call, server } = start()
    const { body: frozen } = await call("POST", "/clock/k/freeze", {})
    const { now } = await server.admin.clock("k")
    expect(frozen).toEqual({ now, frozen: true })
    expect((await call("POST", "/clock/k/advance", { millis: 60_000 })).body).toEqual({
      now: now + 60_000,
      frozen: true
    })
    expect((await call("POST", "/clock/k/resume", {})).body).toMatchObject({ frozen: false })
    expect((await call("GET", "/clock/k")).body).toMatchObject({ frozen: false })
    expect((await server.admin.clock("another")).now).toBeLessThan(now + 30_000)
    const { now: jumped } = await server.admin.freeze("k", { millis: 3_600_000 })
    expect(jumped).toBeGreaterThanOrEqual(now + 3_660_000)
    const resumed = await server.admin.resume("k", { millis: 1000 })
    expect(resumed.frozen).toBe(false)
    expect(resumed.now).toBeGreaterThanOrEqual(jumped + 1000)
  })

  it("wake delayed answers", async () => {
    const { ask, call, server } = start()
    await call("POST", "/clock/mock_delay_60000/freeze")
    const asked = ask("mock_delay_60000")
    await expect.poll(async () => (await server.admin.countRequests({ key: "mock_delay_60000" })).count).toBe(1)
    await call("POST", "/clock/mock_delay_60000/advance", { millis: 60_000 })
    expect((await asked).status).toBe(200)
    expect((await server.admin.requests({ key: "mock_delay_60000" })).requests[0]?.millis).toBe(60_000)
  })

  it("stop where dates do", async () => {
    const { refusal, server } = start()
    const hundredYears = { millis: 3_155_760_000_000 }
    for (let year = new Date().getUTCFullYear(); year + 101 < 9999; year += 100) {
      await server.admin.advance("k", hundredYears)
    }
    const { error, status } = await refusal("POST", "/clock/k/advance", hundredYears)
    expect([status, error]).toMatchObject([400, { issues: [{ message: "millis: would lead beyond the year 9999" }] }])
    expect(new Date((await server.admin.clock("k")).now).getUTCFullYear()).toBeLessThan(9999)
  })
})

describe("requests", () => {
  it("are listed, counted and found, and forgotten", async () => {
    const { ask, call } = start()
    for (let n = 0; n < 3; n++) await ask("mock_503_x2_then_ok.r")
    await ask("other")
    const { body } = await call("GET", "/requests?key=mock_503_x2_then_ok.r&limit=2")
    expect(body).toMatchObject({ total: 3, requests: [{ status: 503, attempt: 2 }, { status: 200, attempt: 3 }] })
    expect((await call("GET", "/requests")).body).toMatchObject({ total: 4 })
    const key = "mock_503_x2_then_ok.r"
    const path = "/api/platform/credit/balance"
    for (
      const [filter, count] of [
        [{}, 4],
        [{ key }, 3],
        [{ key, status: 503 }, 2],
        [{ step: "503" }, 2],
        [{ method: "get", path }, 4],
        [{ method: "HEAD" }, 0],
        [{ key: "nobody" }, 0]
      ] as const
    ) {
      expect((await call("POST", "/requests/count", filter)).body).toEqual({ count })
      expect((await call("POST", "/requests/find", filter)).body).toHaveProperty("requests.length", count)
    }
    expect(await call("DELETE", `/requests?key=${key}`)).toMatchObject({ status: 204, body: undefined })
    expect((await call("GET", "/requests")).body).toMatchObject({ total: 1 })
    expect((await call("DELETE", "/requests")).status).toBe(204)
    expect((await call("GET", "/requests")).body).toEqual({ total: 0, requests: [] })
    expect((await call("GET", `/accounts/${key}`)).body).toMatchObject({ reservedSteps: ["ok"], attempts: 3 })
  })

  it("refuse to look for a step that cannot be on record", async () => {
    const { refusal } = start()
    const { error, status } = await refusal("POST", "/requests/count", { step: "teapot" })
    expect([status, error]).toMatchObject([400, { issues: [{ message: expect.stringContaining(`step: "teapot"`) }] }])
  })
})

describe("reset", () => {
  it("begins a key anew, or all of them", async () => {
    const { ask, call, server } = start()
    const set = async (key: string) => {
      await call("PUT", `/accounts/${key}`, { availableCredits: 5, limit: { capacity: 9, refillPerSecond: 1 } })
      await call("PUT", `/accounts/${key}/plan`, { steps: ["401"] })
      await call("POST", `/clock/${key}/freeze`)
      await call("POST", `/clock/${key}/advance`, { millis: 1e9 })
      await ask(key)
    }
    await set("a")
    await set("b")
    expect(await call("POST", "/reset?key=a")).toMatchObject({ status: 204, body: undefined })
    const fresh = { availableCredits: 1000, limit: null, next: "ok", clock: { frozen: false }, attempts: 0 }
    expect((await call("GET", "/accounts/a")).body).toMatchObject(fresh)
    expect((await call("GET", "/accounts/b")).body).toMatchObject({ availableCredits: 5, next: "401", attempts: 1 })
    expect((await server.admin.requests()).requests.map(({ key }) => key)).toEqual(["…2"])
    expect((await call("POST", "/reset")).status).toBe(204)
    expect((await call("GET", "/accounts/b")).body).toMatchObject(fresh)
    expect((await server.admin.requests()).total).toBe(0)
    expect((await server.admin.clock("b")).now - Date.now()).toBeLessThan(1000)
  })

  it("lets requests that are being answered go on", async () => {
    const { server } = start()
    const controller = new AbortController()
    const hanging = server.fetch(request("mock_hang", { signal: controller.signal })).catch(() => "left")
    await expect.poll(async () => (await server.admin.requests()).total).toBe(1)
    await server.admin.reset()
    controller.abort()
    expect(await hanging).toBe("left")
    await server.fetch(request("mock_hang", { signal: AbortSignal.timeout(1) })).catch(() => "left")
    expect((await server.admin.requests()).requests).toMatchObject([{ attempt: 1, concurrent: 0 }])
  })
})

describe("settings", () => {
  it("are those of the options, and change by name", async () => {
    const { ask, call, server } = start()
    const before = await server.admin.settings()
    expect((await call("GET", "/settings")).body).toEqual(before)
    expect(before).toEqual({
      balance: { availableCredits: 1000, totalCredits: 1000 },
      retryAfterSeconds: 1,
      slowMillis: 1000,
      limit: null,
      seed: 0,
      maxRequests: 1000,
      maxKeys: 20_000,
      profile: "documented"
    })
    const changed = { retryAfterSeconds: 7, balance: { availableCredits: 3 } }
    expect((await call("PUT", "/settings", changed)).body).toEqual({
      ...before,
      retryAfterSeconds: 7,
      balance: { availableCredits: 3, totalCredits: 3 }
    })
    expect((await ask("mock_503")).headers.get("retry-after")).toBe("7")
    expect((await ask("k")).body).toEqual({ availableCredits: 3, totalCredits: 3 })
  })

  it("are refused whole, by the name of the field", async () => {
    const { call, refusal } = start()
    const { error, status } = await refusal("PUT", "/settings", { retryAfterSeconds: 9, slowMillis: -1 })
    expect([status, error]).toMatchObject([400, {
      issues: [{ message: expect.stringMatching(/^slowMillis: must be /) }]
    }])
    expect((await call("GET", "/settings")).body).toMatchObject({ retryAfterSeconds: 1 })
  })

  it("never show the admin token, and cannot change it", async () => {
    const server = createMockServer({ adminToken: "s3cret-token" })
    expect(JSON.stringify(await server.admin.settings())).not.toContain("s3cret")
    const { refusal } = start()
    expect((await refusal("PUT", "/settings", { adminToken: "x" })).status).toBe(400)
  })
})

describe("the server itself", () => {
  it("says how it is", async () => {
    const { call } = start()
    expect(await call("GET", "/health")).toMatchObject({ status: 200, body: { status: "ok" } })
    expect(await call("GET", "/ready")).toMatchObject({ status: 200, body: { status: "ready" } })
    expect(await call("GET", "/version")).toMatchObject({ status: 200, body: { version: manifest.version } })
    expect((await call("GET", "/health")).headers.get("cache-control")).toBe("no-store")
  })

  it("has nothing elsewhere, and says what is allowed where", async () => {
    const { call, refusal } = start()
    expect((await refusal("GET", "/nowhere")).status).toBe(404)
    expect((await refusal("GET", "/accounts//spend")).status).toBe(404)
    expect((await refusal("PATCH", "/accounts/k")).status).toBe(405)
    expect((await call("PATCH", "/accounts/k")).headers.get("allow")).toBe("GET, HEAD, PUT, OPTIONS")
    const options = await call("OPTIONS", "/requests")
    expect([options.status, options.headers.get("allow")]).toEqual([204, "GET, HEAD, DELETE, OPTIONS"])
  })
})
