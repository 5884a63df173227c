import { Agent, get } from "node:http"
import { text } from "node:stream/consumers"
import { describe, expect, it, onTestFinished, vi } from "vitest"
import { createMockServer } from "../src/index.ts"
import type { JournalEntry, MockServer, MockServerEvent } from "../src/index.ts"
import { balanceUrl, request } from "./support.ts"

const entriesOf = async ({ admin }: MockServer, key: string) => (await admin.requests({ key })).requests

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

describe("the journal of a socket", () => {
  const start = async () => {
    const server = createMockServer()
    const running = await server.listen()
    onTestFinished(() => running.close())
    const ask = (key: string, init: RequestInit = {}) =>
      fetch(`${running.baseUrl}/credit/balance`, { ...init, headers: { "x-api-key": key } })
    return { ...running, server, ask }
  }

  const through = (agent: Agent, url: string, key: string) =>
    new Promise<string>((resolve, reject) => {
      get(url, { agent, headers: { "x-api-key": key } }, (response) => text(response).then(resolve, reject))
        .on("error", reject)
    })

  it("says on which connection a request came, whether it was reused, and when it closed", async () => {
    const { baseUrl, server } = await start()
    const url = `${baseUrl}/credit/balance`
    const keepAlive = new Agent({ keepAlive: true, maxSockets: 1 })
    for (let n = 0; n < 2; n++) await through(keepAlive, url, "reuses")
    for (let n = 0; n < 2; n++) await through(new Agent({ keepAlive: false }), url, "reopens")
    expect((await entriesOf(server, "reuses")).map(({ connection }) => connection)).toEqual([
      { id: 1, request: 1, reused: false, closedAt: null },
      { id: 1, request: 2, reused: true, closedAt: null }
    ])
    keepAlive.destroy()
    const closed = async (key: string) => (await entriesOf(server, key)).map(({ connection }) => connection?.closedAt)
    await expect.poll(() => closed("reuses")).toEqual([expect.any(Number), expect.any(Number)])
    await expect.poll(() => closed("reopens")).toEqual([expect.any(Number), expect.any(Number)])
    expect((await entriesOf(server, "reopens")).map(({ connection }) => [connection?.id, connection?.reused]))
      .toEqual([[2, false], [3, false]])
    expect(await server.admin.summarize({ key: "reuses" })).toMatchObject({ connections: 1, connectionReused: true })
    expect(await server.admin.summarize({ key: "reopens" })).toMatchObject({ connections: 2, connectionReused: false })
  })

  it.each([
    ["mock_ok", "sent", 200],
    ["mock_503", "sent", 503],
    ["mock_slow", "sent", 200],
    ["mock_truncated", "faulted", 200],
    ["mock_malformed_response_chunk", "faulted", 200],
    ["mock_reset", "faulted", null],
    ["mock_empty_response", "faulted", null],
    ["mock_random_data_then_close", "faulted", null]
  ])("has the status of %s that went out: %s, %s", async (key, outcome, status) => {
    const { ask, server } = await start()
    await server.admin.setSettings({ slowMillis: 5 })
    await ask(key).then((response) => response.text()).catch(() => "broke off")
    await expect.poll(async () => {
      const [entry] = await entriesOf(server, key)
      return [entry?.outcome, entry?.status]
    }).toEqual([outcome, status])
  })

  it.each([
    ["mock_hang", null],
    ["mock_hang_after_headers", 200],
    ["mock_slow", null]
  ])("has %s as open until the client leaves", async (key, status) => {
    const { ask, server } = await start()
    await server.admin.freeze(key)
    const controller = new AbortController()
    const asked = ask(key, { signal: controller.signal }).then((response) => response.text()).catch(() => "left")
    const state = async () => (await entriesOf(server, key)).map((entry) => [entry.outcome, entry.status])
    await expect.poll(state).toEqual([["open", status]])
    controller.abort()
    await asked
    await expect.poll(state).toEqual([["aborted", status]])
  })

  it("says which requests overlapped", async () => {
    const { ask, server } = await start()
    const key = "mock_slow_x2_then_ok"
    await server.admin.freeze(key)
    const both = Promise.all([ask(key), ask(key)])
    await expect.poll(async () => (await entriesOf(server, key)).length).toBe(2)
    await server.admin.advance(key, { millis: 1000 })
    await both
    await ask(key)
    expect(
      (await entriesOf(server, key)).map(({ concurrent, millis, waitedMillis }) => [concurrent, millis, waitedMillis])
    )
      .toEqual([[0, 1000, null], [1, 1000, null], [0, 0, 0]])
  })

  it("takes a client that gives up and tries again at once for one that does not overlap", async () => {
    const { ask, server } = await start()
    const key = "mock_hang"
    for (let attempt = 0; attempt < 20; attempt++) await ask(key, { signal: AbortSignal.timeout(5) }).catch(() => "")
    await expect.poll(async () => (await entriesOf(server, key)).every(({ outcome }) => outcome === "aborted")).toBe(
      true
    )
    expect((await server.admin.summarize({ key })).overlapped).toBe(false)
  })

  it("takes a second request that wins over a first one for one that overlaps", async () => {
    const { ask, server } = await start()
    const key = "mock_hang_then_ok"
    const controller = new AbortController()
    const first = ask(key, { signal: controller.signal }).catch(() => "lost")
    await expect.poll(async () => (await entriesOf(server, key)).length).toBe(1)
    await ask(key)
    controller.abort()
    expect(await first).toBe("lost")
    expect((await server.admin.summarize({ key })).overlapped).toBe(true)
  })

  it("counts what comes in process and on a port alike", async () => {
    const { ask, server } = await start()
    await ask("k")
    await server.fetch(new Request(balanceUrl, { headers: { "x-api-key": "k" } }))
    expect((await entriesOf(server, "k")).map(({ attempt, connection }) => [attempt, connection === null])).toEqual([
      [1, false],
      [2, true]
    ])
    expect(await server.admin.summarize({ key: "k" })).toMatchObject({ connections: null, connectionReused: null })
  })
})
