import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { createMockServer, InvalidOptionError, SocketRequiredError } from "../../src/index.ts"
import { request } from "../support.ts"

const server = createMockServer()

describe("fetch without a port", () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it("needs no `this`", async () => {
    const { fetch } = createMockServer()
    expect((await fetch(request("k"))).status).toBe(200)
  })

  it.each(["mock_hang", "mock_slow"])("%s rejects with the signal's reason", async (key) => {
    const controller = new AbortController()
    const answer = server.fetch(request(key, { signal: controller.signal }))
    const reason = new Error("the caller gave up")
    const rejected = expect(answer).rejects.toBe(reason)
    await vi.advanceTimersByTimeAsync(10)
    controller.abort(reason)
    await rejected
    expect(vi.getTimerCount()).toBe(0)
  })

  it("does not even take a step when the signal is aborted already", async () => {
    const reason = new Error("too late")
    const key = "mock_503_then_ok.aborted"
    await expect(server.fetch(request(key, { signal: AbortSignal.abort(reason) }))).rejects.toBe(reason)
    expect((await server.fetch(request(key))).status).toBe(503)
  })

  it("mock_slow answers after a second", async () => {
    let status = 0
    const answer = server.fetch(request("mock_slow")).then((response) => (status = response.status))
    await vi.advanceTimersByTimeAsync(999)
    expect(status).toBe(0)
    await vi.advanceTimersByTimeAsync(1)
    await answer
    expect(status).toBe(200)
  })

  it("mock_truncated promises more than it sends, then breaks off", async () => {
    const response = await server.fetch(request("mock_truncated"))
    expect(response.status).toBe(200)
    expect(response.headers.get("content-length")).toBe("45")
    const seen: Array<number> = []
    const reading = async () => {
      for await (const chunk of response.body ?? []) seen.push(chunk.length)
    }
    await expect(reading()).rejects.toThrow(new TypeError("terminated"))
    expect(seen).toEqual([22])
  })

  it("mock_truncated has nothing to cut off an answer to HEAD", async () => {
    const response = await server.fetch(request("mock_truncated", { method: "HEAD" }))
    expect([response.status, await response.text()]).toEqual([200, ""])
  })

  it("mock_reset says that it needs a socket", async () => {
    const error = await server.fetch(request("mock_ok_then_reset")).then(
      () => server.fetch(request("mock_ok_then_reset"))
    ).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(SocketRequiredError)
    expect(error).not.toBeInstanceOf(TypeError)
    expect(error).toMatchObject({
      name: "SocketRequiredError",
      step: "reset",
      message: `the step "reset" needs a socket: call listen() and send the request to its url instead of to fetch`
    })
  })
})

describe("options", () => {
  it("open every key with the balance that was set", async () => {
    const rich = createMockServer({ balance: { availableCredits: 12.5, totalCredits: 99 } })
    expect(await (await rich.fetch(request("a"))).json()).toEqual({ availableCredits: 12.5, totalCredits: 99 })
    const half = createMockServer({ balance: { availableCredits: 7 } })
    expect(await (await half.fetch(request("a"))).json()).toEqual({ availableCredits: 7, totalCredits: 7 })
  })

  it.each([
    ["balance.availableCredits", { balance: { availableCredits: Number.NaN } }],
    ["balance.totalCredits", { balance: { availableCredits: 1, totalCredits: Number.POSITIVE_INFINITY } }],
    ["retryAfterSeconds", { retryAfterSeconds: -1 }],
    ["retryAfterSeconds", { retryAfterSeconds: 0.5 }],
    ["slowMillis", { slowMillis: 2 ** 31 }]
  ])("are refused by name when they cannot be used: %s", (option, options) => {
    const attempt = () => createMockServer(options)
    expect(attempt).toThrow(InvalidOptionError)
    expect(attempt).toThrow(option)
    expect(attempt).toThrow(expect.objectContaining({ option }))
  })
})
