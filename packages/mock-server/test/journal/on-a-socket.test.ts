import { Agent, get } from "node:http"
import { text } from "node:stream/consumers"
import { describe, expect, it, onTestFinished } from "vitest"
import { createMockServer } from "../../src/index.ts"
import { balanceUrl } from "../support.ts"
import { entriesOf } from "./support.ts"

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

  it("counts no overlap for a client that gives up and tries again at once", async () => {
    const { ask, server } = await start()
    const key = "mock_hang"
    for (let attempt = 0; attempt < 20; attempt++) await ask(key, { signal: AbortSignal.timeout(5) }).catch(() => "")
    await expect.poll(async () => (await entriesOf(server, key)).every(({ outcome }) => outcome === "aborted")).toBe(
      true
    )
    expect((await server.admin.summarize({ key })).overlapped).toBe(false)
  })

  it("counts an overlap for a second request that ends before the first one", async () => {
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
