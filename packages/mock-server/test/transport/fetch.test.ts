import { describe, expect, expectTypeOf, it } from "vitest"
import { createMockServer } from "../../src/index.ts"
import type { Fetch } from "../../src/index.ts"
import { balanceUrl, request } from "../support.ts"

const init = { headers: { "x-api-key": "a" } }

describe.each(["in process", "over streams"])("fetch %s", (where) => {
  const start = async (): Promise<Fetch> => {
    const server = createMockServer()
    return where === "in process" ? server.fetch : (await server.listenOverStreams()).fetch
  }

  it.each([
    ["a text", balanceUrl, init],
    ["a URL", new URL(balanceUrl), init],
    ["a request", request("a"), undefined],
    ["a request whose headers init replaces", request(), init]
  ])("takes %s, as the global one does", async (_what, input, options) => {
    expect((await (await start())(input, options)).status).toBe(200)
  })

  it("sends what init says", async () => {
    const fetch = await start()
    expect((await fetch(balanceUrl, { ...init, method: "POST", body: "x" })).status).toBe(405)
    expect((await fetch(request("a", { method: "POST" }), { method: "GET" })).status).toBe(200)
  })

  it("rejects with the reason of the signal of init, before and during the answer", async () => {
    const fetch = await start()
    const hang = { headers: { "x-api-key": "mock_hang" } }
    const reason = new Error("the caller gave up")
    await expect(fetch(balanceUrl, { ...hang, signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    const controller = new AbortController()
    const answer = fetch(request(), { ...hang, signal: controller.signal })
    setImmediate(() => controller.abort(reason))
    await expect(answer).rejects.toBe(reason)
  })

  it("rejects with a TypeError for arguments that make no request", async () => {
    await expect((await start())("/no/origin", init)).rejects.toThrow(TypeError)
  })
})

it("fits where the global fetch does", () => {
  expectTypeOf<Fetch>().toExtend<typeof fetch>()
})
