import { describe, expect, it, onTestFinished, vi } from "vitest"
import { createMockServer } from "../../src/index.ts"
import type { JournalEntry, MockServerEvent } from "../../src/index.ts"
import { request } from "../support.ts"
import { entriesOf } from "./support.ts"

describe("the journal", () => {
  it("says of each request what came, what it got, and when by the clock of its key", async () => {
    const server = createMockServer()
    const key = "mock_503_then_ok.journal"
    const { now } = await server.admin.freeze(key)
    await server.fetch(request(key))
    await server.admin.advance(key, { millis: 1500 })
    await server.fetch(request(key, { method: "HEAD" }))
    const common = {
      key: "mock_503…1",
      path: "/api/platform/credit/balance",
      millis: 0,
      outcome: "sent",
      concurrent: 0
    }
    expect(await entriesOf(server, key)).toEqual([
      {
        ...common,
        id: 1,
        method: "GET",
        step: "503",
        status: 503,
        attempt: 1,
        at: now,
        retryAfter: "1",
        intervalMillis: null,
        waitedMillis: null,
        connection: null
      },
      {
        ...common,
        id: 2,
        method: "HEAD",
        step: "ok",
        status: 200,
        attempt: 2,
        at: now + 1500,
        retryAfter: null,
        intervalMillis: 1500,
        waitedMillis: 1500,
        connection: null
      }
    ])
  })

  it("names steps as the plan does, and finds them by any of their names", async () => {
    const server = createMockServer()
    await server.fetch(request("mock_Rate_Limited"))
    expect((await entriesOf(server, "mock_Rate_Limited"))[0]?.step).toBe("Rate_Limited")
    for (const step of ["rate_limited", "429", "RATE_LIMITED"]) {
      expect(await server.admin.countRequests({ step })).toEqual({ count: 1 })
    }
    expect(await server.admin.countRequests({ step: "503" })).toEqual({ count: 0 })
  })

  it("has what went elsewhere, and without a key, but not what asked the admin API", async () => {
    const server = createMockServer()
    const headers = { "x-api-key": "k" }
    await server.fetch(request())
    await server.fetch(new Request("http://mock/nowhere?secret=1", { headers }))
    await server.fetch(request("k", { method: "POST" }))
    await server.fetch(new Request("http://mock/__admin/requests", { headers }))
    await server.fetch(new Request("http://mock/__admin/nowhere", { headers }))
    const { requests } = await server.admin.requests()
    expect(requests.map(({ attempt, key, method, path, status, step }) => [key, attempt, method, path, status, step]))
      .toEqual([
        [null, null, "GET", "/api/platform/credit/balance", 401, null],
        ["…1", 1, "GET", "/nowhere", 404, null],
        ["…1", 2, "POST", "/api/platform/credit/balance", 405, null]
      ])
  })

  it("keeps the last so many, in the order in which they came", async () => {
    const server = createMockServer({ maxRequests: 3 })
    const ids = async (limit?: number) => (await server.admin.requests({ limit })).requests.map(({ id }) => id)
    for (let n = 0; n < 5; n++) await server.fetch(request("k"))
    expect(await ids()).toEqual([3, 4, 5])
    expect(await server.admin.requests({ limit: 2 })).toMatchObject({ total: 3, requests: [{ id: 4 }, { id: 5 }] })
    expect(await ids(0)).toEqual([])
    await server.admin.setSettings({ maxRequests: 1 })
    expect(await ids()).toEqual([5])
    await server.admin.setSettings({ maxRequests: 0 })
    await server.fetch(request("k"))
    expect(await ids()).toEqual([])
  })

  it("outlives the key it is about", async () => {
    const server = createMockServer({ maxKeys: 1 })
    await server.fetch(request("mock_503.a"))
    await server.fetch(request("b"))
    expect(await server.admin.countRequests({ key: "mock_503.a" })).toEqual({ count: 1 })
    expect(await server.admin.countRequests({ key: "mock_…1" })).toEqual({ count: 1 })
  })

  it("says how a request ended that got no whole answer", async () => {
    const server = createMockServer()
    const outcome = async (key: string): Promise<Partial<JournalEntry> | undefined> => {
      const [entry] = await entriesOf(server, key)
      return entry && { outcome: entry.outcome, status: entry.status, millis: entry.millis }
    }
    const controller = new AbortController()
    const hanging = server.fetch(request("mock_hang", { signal: controller.signal })).catch(() => "gave up")
    await expect.poll(() => outcome("mock_hang")).toEqual({ outcome: "open", status: null, millis: null })
    controller.abort()
    await hanging
    expect(await outcome("mock_hang")).toMatchObject({ outcome: "aborted", status: null })
    await server.fetch(request("mock_truncated"))
    expect(await outcome("mock_truncated")).toMatchObject({ outcome: "faulted", status: 200 })
    await server.fetch(request("mock_reset")).catch(() => "needs a socket")
    expect(await outcome("mock_reset")).toMatchObject({ outcome: "faulted", status: null })
  })

  it("never shows a key", async () => {
    const server = createMockServer()
    const secret = "7f3a9c1e5b8d2046"
    const key = `pollo-${secret}`
    const seen: Array<MockServerEvent> = []
    server.admin.subscribe((event) => seen.push(event))
    await server.admin.setAccount(key, { availableCredits: 10 })
    await server.admin.advance(key, { millis: 5 })
    await server.fetch(request(key))
    await server.fetch(new Request("http://mock/nowhere", { headers: { "x-api-key": key } }))
    await server.admin.clearRequests({ key })
    await server.fetch(request(key))
    const { label } = await server.admin.account(key)
    const shown = [
      ...seen,
      await server.admin.requests(),
      await server.admin.findRequests({ key }),
      await server.admin.accounts(),
      await server.admin.summarize({ key }),
      await server.admin.verify({ key, expect: { attempts: 7 } }),
      await server.admin.spend(key, { credits: 99 }).catch((error: unknown) => String(error)),
      await server.admin.setPlan(key, { steps: ["no such step"] }).catch((error: unknown) => String(error))
    ]
    expect(seen.length).toBeGreaterThan(5)
    expect(JSON.stringify(shown)).not.toContain(secret.slice(0, 4))
    expect(label).toBe("pollo-7f…1")
    expect((await server.admin.account(label)).availableCredits).toBe(10)
  })

  it("tells those who watch when a request arrives and when it ends, until they have seen enough", async () => {
    const server = createMockServer()
    const seen: Array<unknown> = []
    const stop = server.admin.subscribe((event) =>
      seen.push(event.type === "request" ? [event.request.id, event.request.outcome] : event)
    )
    await server.fetch(request("k"))
    await server.admin.spend("k", { credits: 1 })
    await server.admin.reset({ key: "k" })
    await server.admin.setSettings({ slowMillis: 1 })
    await server.admin.clearRequests()
    stop()
    await server.fetch(request("k"))
    expect(seen).toEqual([
      [1, "open"],
      [1, "sent"],
      { type: "account", key: "…1" },
      { type: "reset", key: "…1" },
      { type: "settings" },
      { type: "cleared", key: null }
    ])
  })
})

it("a listener that throws disturbs nobody, and its error is not lost", async () => {
  const server = createMockServer()
  const error = new Error("a listener's own")
  const uncaught: Array<unknown> = []
  const native = globalThis.queueMicrotask
  const spy = vi.spyOn(globalThis, "queueMicrotask").mockImplementation((callback) =>
    native(() => {
      try {
        callback()
      } catch (reason) {
        uncaught.push(reason)
      }
    })
  )
  onTestFinished(() => spy.mockRestore())
  let told = 0
  server.admin.subscribe(() => {
    throw error
  })
  server.admin.subscribe(() => told++)
  expect((await server.fetch(request("k"))).status).toBe(200)
  expect([told, uncaught]).toEqual([2, [error, error]])
})
