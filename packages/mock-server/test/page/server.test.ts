import * as fc from "fast-check"
import { once } from "node:events"
import { readFile } from "node:fs/promises"
import { describe, expect, it, onTestFinished, vi } from "vitest"
import { buildPage } from "../../page/build.ts"
import { eventsIn } from "../../page/sse.ts"
import { Feed } from "../../src/admin/feed.ts"
import { feedLimits } from "../../src/admin/watched.ts"
import { createApp } from "../../src/app.ts"
import { createCore } from "../../src/vendor/core.ts"
import { answerInProcess } from "../../src/transport/in-process.ts"
import { createMockServer } from "../../src/index.ts"
import type { MockServerOptions } from "../../src/index.ts"
import { createHttpServer } from "../../src/transport/http-server.ts"
import { socketPair } from "../../src/transport/paired.ts"
import { request } from "../support.ts"

const admin = (path: string, init: RequestInit = {}): Request => new Request(`http://localhost/__admin${path}`, init)

const start = (options: MockServerOptions = {}) => {
  const core = createCore(options)
  const app = createApp(core)
  const send = (sent: Request): Promise<Response> => answerInProcess(app, core, sent)
  const ask = async (key: string): Promise<void> => void await (await send(request(key))).text()
  return { app, core, send, ask }
}

/** Reads a stream of events one chunk at a time. */
const reading = (response: Response) => {
  const reader = (response.body ?? expect.fail("no body")).pipeThrough(new TextDecoderStream()).getReader()
  const next = async (): Promise<string> => (await reader.read()).value ?? "over"
  return { next, leave: () => reader.cancel() }
}

const namesIn = (chunk: string): ReadonlyArray<string> => eventsIn(chunk).events.map(({ name }) => name)

describe("the files of the page", () => {
  it("are those in page/ (if not: node page/build.ts)", async () => {
    const made = await readFile(new URL("../../src/admin/page/assets.ts", import.meta.url), "utf8")
    expect(made === await buildPage()).toBe(true)
  })

  it.each([
    ["", "text/html; charset=utf-8"],
    ["/", "text/html; charset=utf-8"],
    ["/page.css", "text/css; charset=utf-8"],
    ["/page.js", "text/javascript; charset=utf-8"],
    ["/icon.svg", "image/svg+xml"]
  ])("%j is there, and lets in nothing from elsewhere", async (path, type) => {
    const { headers, status } = await start().send(admin(path))
    expect([status, headers.get("content-type")]).toEqual([200, type])
    expect(headers.get("x-content-type-options")).toBe("nosniff")
    const policy = headers.get("content-security-policy")?.split("; ") ?? []
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("require-trusted-types-for 'script'")
    expect(policy.filter((directive) => /unsafe|https?:|\*/.test(directive))).toEqual([])
  })

  it("need no token, and tell none; the events need it", async () => {
    const { send } = start({ adminToken: "the-token" })
    for (const path of ["/", "/page.js"]) {
      const response = await send(admin(path))
      expect(response.status).toBe(200)
      expect(await response.text()).not.toContain("the-token")
    }
    expect((await send(admin("/events"))).status).toBe(401)
    const response = await send(admin("/events", { headers: { authorization: "Bearer the-token" } }))
    expect(response.status).toBe(200)
  })

  it("take no other method", async () => {
    const { send } = start()
    for (const path of ["/", "/page.js", "/events"]) {
      const response = await send(admin(path, { method: "POST" }))
      expect([response.status, response.headers.get("allow")]).toEqual([405, "GET, HEAD, OPTIONS"])
    }
  })

  it("ask nothing of another origin", async () => {
    const { send } = start()
    for (const path of ["/", "/page.css", "/page.js"]) {
      const text = await (await send(admin(path))).text()
      expect(text.match(/(?:https?:)?\/\/[\w.-]+\.\w+/g)).toEqual(null)
    }
  })
})

describe("GET /__admin/events", () => {
  it("tells what is there, and then what happens", async () => {
    const { ask, core, send } = start()
    await ask("mock_503_then_ok")
    const response = await send(admin("/events"))
    expect(response.headers.get("content-type")).toBe("text/event-stream")
    const { leave, next } = reading(response)
    const [state] = eventsIn(await next()).events
    expect(state?.name).toBe("state")
    expect(state?.data).toMatchObject({
      basePath: "/api/platform",
      keys: 1,
      accounts: [{ label: "mock_503…1", availableCredits: 1000, next: "ok", points: [{ availableCredits: 1000 }] }],
      requests: [{ key: "mock_503…1", step: "503", status: 503, attempt: 1, outcome: "sent" }]
    })
    await ask("mock_503_then_ok")
    const { events: [requests, accounts] } = eventsIn(await next())
    expect(requests?.data).toMatchObject({ requests: [{ id: 2, step: "ok", status: 200, attempt: 2 }] })
    expect(accounts?.data).toMatchObject({ keys: 1, accounts: [{ label: "mock_503…1", attempts: 2 }] })
    await leave()
    expect(core.events.any).toBe(false)
  })

  it("shows a sign of life when nothing happens", async () => {
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    const { leave, next } = reading(await start().send(admin("/events")))
    await next()
    const sign = next()
    await vi.advanceTimersByTimeAsync(5000)
    expect(await sign).toBe(": nothing new\n\n")
    await leave()
  })

  it("tells of a balance that drains, though nobody asks for it", async () => {
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    const { core, send } = start()
    core.tenants.get("k").setAccount({ availableCredits: 100, totalCredits: 100, drainPerMinute: 600 }, null)
    const { leave, next } = reading(await send(admin("/events")))
    await next()
    const drained = next()
    await vi.advanceTimersByTimeAsync(1100)
    expect(eventsIn(await drained).events[0]?.data).toMatchObject({ accounts: [{ availableCredits: 90 }] })
    await leave()
  })

  it("keeps no backlog for a reader that pauses, and then sends the latest state", async () => {
    const { ask, send } = start({ maxRequests: 10_000 })
    const { leave, next } = reading(await send(admin("/events")))
    await next()
    for (let request = 0; request < 1000; request++) await ask(`key-${request % 100}`)
    const chunk = await next()
    const { events: [requests, accounts] } = eventsIn(chunk)
    expect(requests?.data).toMatchObject({ requests: { length: feedLimits.requests } })
    expect(accounts?.data).toMatchObject({ keys: 100, accounts: { length: feedLimits.accounts } })
    expect(chunk).toContain("\"id\":1000,")
    await leave()
  })

  it("subscribes to no events for an answer that is not read, such as that to HEAD", async () => {
    const { core, send } = start()
    await send(admin("/events", { method: "HEAD" }))
    await send(admin("/events"))
    expect(core.events.any).toBe(false)
  })

  it("ends with its request", async () => {
    const { core, send } = start()
    const leaving = new AbortController()
    const { next } = reading(await send(admin("/events", { signal: leaving.signal })))
    await next()
    const last = next()
    leaving.abort()
    expect(await last).toBe("over")
    expect(core.events.any).toBe(false)
  })

  it.each([[{}], [{ graceMillis: 60_000 }]])("does not hold up close(%o)", async (options) => {
    const running = await createMockServer().listen()
    const { next } = reading(await fetch(`${running.url}/__admin/events`))
    expect(namesIn(await next())).toEqual(["state"])
    const last = next().catch(() => "cut")
    const before = performance.now()
    await running.close(options)
    expect(performance.now() - before).toBeLessThan(1000)
    expect(["over", "cut"]).toContain(await last)
  })

  it("does not delay the close of a server when its reader has stopped reading", async () => {
    const { app, ask, core } = start()
    for (let count = 0; count < feedLimits.requests; count++) await ask(`key-${count}`)
    const closing = new AbortController()
    const [client, remote] = socketPair()
    createHttpServer(app, core, "localhost", closing.signal).emit("connection", remote)
    client.on("error", () => {})
    client.write("GET /__admin/events HTTP/1.1\r\nhost: localhost\r\n\r\n")
    await once(client, "readable") // The state is more than the connection holds, and nobody takes it.
    const closed = once(remote, "close")
    closing.abort()
    await closed
    await expect.poll(() => core.events.any).toBe(false)
  })

  it("stops watching when the connection is gone", async () => {
    const server = createMockServer()
    await using running = await server.listen()
    const controller = new AbortController()
    const { next } = reading(await fetch(`${running.url}/__admin/events`, { signal: controller.signal }))
    await next()
    controller.abort()
    await expect(next()).rejects.toThrow("abort")
    // The port is shared with nothing else, so an orderly close that ends at once shows that no connection is left.
    const before = performance.now()
    await running.close({ graceMillis: 60_000 })
    expect(performance.now() - before).toBeLessThan(1000)
  })
})

describe("a feed", () => {
  const requestsIn = (told: string | undefined): ReadonlyArray<number> =>
    eventsIn(told ?? "").events.flatMap(({ data, name }) =>
      name === "accounts" ? [] : data.requests.map(({ id }) => id)
    )

  const shownBy = async (steps: ReadonlyArray<"ask" | "look" | "cleared" | "reset">) => {
    const { ask, core } = start()
    const feed = new Feed(core)
    let last = 0
    const onRecord: Array<number> = []
    let shown = new Set<number>()
    const look = (): void => {
      const told = feed.take(0)
      if (told?.startsWith("event: state") === true) shown = new Set()
      for (const id of requestsIn(told)) shown.add(id)
    }
    for (const step of steps) {
      if (step === "ask") {
        await ask("k")
        onRecord.push(++last)
      } else if (step === "look") look()
      else {
        onRecord.length = 0
        core.journal.clear()
        core.events.emit({ type: step, key: null })
      }
    }
    look()
    feed.end()
    return { shown: [...shown], onRecord }
  }

  it("leaves a follower with what is on record, however rarely it looks", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom("ask", "ask", "look", "cleared", "reset"), { maxLength: 30 }),
        async (steps) => {
          const { onRecord, shown } = await shownBy(steps)
          expect(shown).toEqual(onRecord)
        }
      )
    )
  })

  it("drops the requests of a key that was reset, and of no other", async () => {
    const { ask, core } = start()
    const feed = new Feed(core)
    await ask("gone")
    await ask("kept")
    feed.take(0)
    core.journal.clear("gone")
    core.events.emit({ type: "cleared", key: core.tenants.get("gone").label })
    const told = feed.take(0)
    expect(namesIn(told ?? "")).toEqual(["state"])
    expect(requestsIn(told)).toEqual([2])
    feed.end()
  })

  it("forgets keys that the server has forgotten", async () => {
    const { ask, core } = start({ maxKeys: 1 })
    const feed = new Feed(core)
    feed.take(0)
    await ask("first")
    await ask("second")
    const accounts = eventsIn(feed.take(0) ?? "").events.find(({ name }) => name === "accounts")
    expect(accounts?.data).toMatchObject({ keys: 1, accounts: [{ label: core.tenants.get("second").label }] })
    feed.end()
  })

  it("ignores the end of a request that has made room for newer ones", async () => {
    const { ask, core, send } = start()
    const feed = new Feed(core)
    const leaving = new AbortController()
    const hanging = send(request("mock_hang", { signal: leaving.signal }))
    for (let count = 0; count < feedLimits.requests; count++) await ask("k")
    feed.take(0)
    leaving.abort()
    await expect(hanging).rejects.toThrow("abort")
    expect(requestsIn(feed.take(0))).toEqual([])
    feed.end()
  })
})
