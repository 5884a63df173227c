import { describe, expect, it } from "vitest"
import { createMockServer } from "../../src/index.ts"
import type { MockServer } from "../../src/index.ts"
import { request } from "../support.ts"

const ask = async ({ fetch }: MockServer, key: string, times: number): Promise<void> => {
  for (let n = 0; n < times; n++) await fetch(request(key))
}

const attemptsOf = ({ admin }: MockServer, key: string, attempts: number) => admin.verify({ key, expect: { attempts } })

describe("a full journal", () => {
  it.each([[10, 3], [100, 20], [1000, 3], [1000, 200]])(
    "of %i requests, one for each earlier key, keeps all %i of a key that comes later",
    async (maxRequests, attempts) => {
      const server = createMockServer({ maxRequests })
      for (let n = 0; n < maxRequests; n++) await ask(server, `earlier-${n}`, 1)
      await ask(server, "later", attempts)
      expect(await attemptsOf(server, "later", attempts)).toMatchObject({ pass: true, complete: true })
      expect(await attemptsOf(server, "earlier-0", 1)).toMatchObject({ pass: false, complete: false })
      expect(await attemptsOf(server, `earlier-${maxRequests - 1}`, 1)).toMatchObject({ pass: true, complete: true })
    }
  )

  it("lets busy keys have a quarter of it, so that they do not push out the few of others", async () => {
    const server = createMockServer({ maxRequests: 100 })
    await ask(server, "quiet", 3)
    for (let n = 0; n < 200; n++) for (const busy of ["busy-a", "busy-b"]) await ask(server, busy, 1)
    expect(await attemptsOf(server, "quiet", 3)).toMatchObject({ pass: true, complete: true })
    expect(await attemptsOf(server, "busy-a", 200)).toMatchObject({ pass: false, complete: false })
  })
})

describe("an answer about requests", () => {
  it("fails when some requests are no longer on record, whatever the others are", async () => {
    const server = createMockServer({ maxRequests: 2 })
    const { admin } = server
    await ask(server, "k", 3)
    const { complete, message, pass } = await admin.verify({ key: "k", expect: { attempts: 2 } })
    expect([pass, complete]).toEqual([false, false])
    expect(message).toMatch(/^Some of the requests asked about are no longer on record/)
    expect(await admin.summarize({ key: "k" })).toMatchObject({ attempts: 2, complete: false })
    expect(await admin.findRequests({ key: "k", status: 200 })).toMatchObject({ complete: false })
    expect(await admin.findRequests()).toMatchObject({ complete: false })
  })

  it("is complete for a key without dropped requests, also for one that has sent none", async () => {
    const server = createMockServer({ maxRequests: 2 })
    await ask(server, "k", 3)
    await ask(server, "other", 1)
    for (const [key, attempts] of [["other", 1], ["mistyped", 0]] as const) {
      expect(await attemptsOf(server, key, attempts)).toMatchObject({ pass: true, complete: true })
    }
  })

  it("is not complete when the journal is off, or was made smaller", async () => {
    const off = createMockServer({ maxRequests: 0 })
    await ask(off, "k", 1)
    expect(await attemptsOf(off, "k", 0)).toMatchObject({ pass: false, complete: false })
    const server = createMockServer()
    await ask(server, "k", 3)
    await server.admin.setSettings({ maxRequests: 1 })
    expect(await attemptsOf(server, "k", 1)).toMatchObject({ pass: false, complete: false })
  })

  it("knows nothing of a key that has been forgotten, once something was lost", async () => {
    const server = createMockServer({ maxRequests: 2, maxKeys: 1 })
    for (const key of ["a", "b", "c", "d"]) await ask(server, key, 1)
    expect(await attemptsOf(server, "a", 0)).toMatchObject({ pass: false, complete: false })
  })

  it.each(["reset", "clearRequests"] as const)("is complete again after %s", async (call) => {
    for (const query of [{ key: "k" }, {}]) {
      const server = createMockServer({ maxRequests: 2 })
      await ask(server, "k", 3)
      await server.admin[call](query)
      await ask(server, "k", 1)
      expect(await attemptsOf(server, "k", 1)).toMatchObject({ pass: true, complete: true })
    }
  })
})

describe("what was open", () => {
  const open = (server: MockServer, key: string) => {
    const controller = new AbortController()
    const ended = server.fetch(request(key, { signal: controller.signal })).catch(() => "left")
    return async () => {
      controller.abort()
      await ended
    }
  }

  it.each([
    ["a reset of its key", (server: MockServer, key: string) => server.admin.reset({ key })],
    ["a reset of all", (server: MockServer) => server.admin.reset()],
    ["clearing the requests of its key", (server: MockServer, key: string) => server.admin.clearRequests({ key })],
    ["clearing all requests", (server: MockServer) => server.admin.clearRequests()]
  ])("leaves no trace after %s", async (_what, forget) => {
    const server = createMockServer()
    const { admin } = server
    const key = "mock_hang.forgotten"
    const leave = open(server, key)
    await expect.poll(async () => (await admin.requests({ key })).total).toBe(1)
    await forget(server, key)
    await admin.setPlan(key, { steps: ["ok"] })
    await ask(server, key, 1)
    expect(await admin.verify({ key, expect: { attempts: 1, noOverlap: true } })).toMatchObject({ pass: true })
    await forget(server, key)
    await leave()
    await admin.setPlan(key, { steps: ["ok"] })
    await ask(server, key, 1)
    expect((await admin.requests({ key })).requests.map(({ concurrent, waitedMillis }) => [concurrent, waitedMillis]))
      .toEqual([[0, null]])
  })
})
