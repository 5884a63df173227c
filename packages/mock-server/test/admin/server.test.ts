import { describe, expect, it } from "vitest"
import manifest from "../../package.json" with { type: "json" }
import { createMockServer } from "../../src/index.ts"
import { request } from "../support.ts"
import { start } from "./support.ts"

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

  it("answers 404 for unknown paths, and 405 with the allowed methods for known ones", async () => {
    const { call, refusal } = start()
    expect((await refusal("GET", "/nowhere")).status).toBe(404)
    expect((await refusal("GET", "/accounts//spend")).status).toBe(404)
    expect((await refusal("PATCH", "/accounts/k")).status).toBe(405)
    expect((await call("PATCH", "/accounts/k")).headers.get("allow")).toBe("GET, HEAD, PUT, OPTIONS")
    const options = await call("OPTIONS", "/requests")
    expect([options.status, options.headers.get("allow")]).toEqual([204, "GET, HEAD, DELETE, OPTIONS"])
  })
})
