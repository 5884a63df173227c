import { connect } from "node:net"
import { describe, expect, it, onTestFinished } from "vitest"
import { createMockServer, InvalidOptionError, ListenError } from "../../src/index.ts"
import type { ListenOptions, MockServerOptions } from "../../src/index.ts"
import { conforms, read } from "../support.ts"

const start = async (options?: MockServerOptions, listenOptions?: ListenOptions) => {
  const running = await createMockServer(options).listen(listenOptions)
  onTestFinished(() => running.close())
  const ask = (key: string, init: RequestInit = {}) =>
    fetch(`${running.baseUrl}/credit/balance`, { ...init, headers: { "x-api-key": key } })
  return { ...running, ask }
}

const causeOf = async (failing: Promise<unknown>): Promise<unknown> => {
  const error = await failing.then(() => expect.fail("it did not fail"), (reason: unknown) => reason)
  return error instanceof Error ? error.cause : error
}

/** Sends one request by hand and resolves with all that came back until the connection ended, and why it did. */
const raw = (port: number, key: string, method = "GET") =>
  new Promise<{ text: string; error: Error | undefined }>((resolve) => {
    const socket = connect(port, "127.0.0.1").setEncoding("latin1")
    let text = ""
    let error: Error | undefined
    socket.on("data", (chunk) => (text += chunk))
    socket.on("error", (reason) => (error = reason))
    socket.on("close", () => resolve({ text, error }))
    socket.write(
      `${method} /api/platform/credit/balance HTTP/1.1\r\nhost: x\r\nconnection: close\r\nx-api-key: ${key}\r\n\r\n`
    )
  })

describe("listen", () => {
  it("takes any free port unless told, and says where it is", async () => {
    const { ask, baseUrl, port, url } = await start()
    expect(port).toBeGreaterThan(0)
    expect(url).toBe(`http://127.0.0.1:${port}`)
    expect(baseUrl).toBe(`${url}/api/platform`)
    const seen = await read(await ask("k"))
    expect(seen.status).toBe(200)
    expect(conforms(seen)).toBe(true)
    expect(seen.headers.get("content-length")).toBe("45")
  })

  it("gives an address that can be connected to when it listens on all of them", async () => {
    const { ask, url } = await start({}, { host: "0.0.0.0" })
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    expect((await ask("k")).status).toBe(200)
  })

  it("leaves the global Request and Response alone", async () => {
    const before = [globalThis.Request, globalThis.Response]
    await start()
    expect([globalThis.Request, globalThis.Response]).toEqual(before)
  })

  it("shares keys with fetch", async () => {
    const server = createMockServer()
    await using running = await server.listen()
    const headers = { "x-api-key": "mock_503_then_ok" }
    const url = `${running.baseUrl}/credit/balance`
    expect((await fetch(url, { headers })).status).toBe(503)
    expect((await server.fetch(new Request(url, { headers }))).status).toBe(200)
  })

  it("sends HEAD, 404 and 405 over the wire as in process", async () => {
    const { ask, url } = await start()
    expect(await read(await ask("k", { method: "HEAD" }))).toMatchObject({ status: 200, text: "" })
    expect(conforms(await read(await fetch(`${url}/nowhere`)))).toBe(true)
    const wrong = await read(await ask("k", { method: "POST", body: "x".repeat(100_000) }))
    expect([wrong.status, wrong.headers.get("allow")]).toEqual([405, "GET, HEAD, OPTIONS"])
  })

  it.each([[{ port: -1 }], [{ port: 65_536 }], [{ port: 0.5 }], [{ host: "" }]])("refuses %o", async (options) => {
    await expect(createMockServer().listen(options)).rejects.toThrow(InvalidOptionError)
  })

  it("says so when the port is taken", async () => {
    const { port } = await start()
    const error = await createMockServer().listen({ port }).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(ListenError)
    expect(error).toMatchObject({ code: "EADDRINUSE", host: "127.0.0.1", port })
    expect(String(error)).toContain(`cannot listen on 127.0.0.1:${port}: the port is in use`)
  })
})

describe("faults on a socket", () => {
  it("mock_reset is ECONNRESET without a byte of an answer", async () => {
    const { ask, port } = await start()
    expect(await causeOf(ask("mock_reset"))).toMatchObject({ code: "ECONNRESET" })
    const { error, text } = await raw(port, "mock_reset.raw")
    expect([text, error]).toEqual(["", expect.objectContaining({ code: "ECONNRESET" })])
  })

  it("mock_reset_then_ok answers the second request", async () => {
    const { ask } = await start()
    await expect(ask("mock_reset_then_ok")).rejects.toThrow("fetch failed")
    expect((await ask("mock_reset_then_ok")).status).toBe(200)
  })

  it("mock_truncated sends half of the promised body and closes", async () => {
    const { ask, port } = await start()
    const response = await ask("mock_truncated")
    expect(response.status).toBe(200)
    await expect(response.text()).rejects.toThrow(new TypeError("terminated"))
    const { error, text } = await raw(port, "mock_truncated.raw")
    const [head = "", body] = text.split("\r\n\r\n")
    expect(head.toLowerCase()).toContain("content-length: 45")
    expect([body, error]).toEqual([`{"availableCredits":10`, undefined])
  })

  it("mock_truncated has nothing to cut off an answer to HEAD", async () => {
    const { port } = await start()
    const { text } = await raw(port, "mock_truncated", "HEAD")
    expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\n$/)
  })

  it("mock_hang sends nothing until the client gives up", async () => {
    const { ask, close } = await start()
    const reason = new Error("the caller gave up")
    const controller = new AbortController()
    const answer = ask("mock_hang_then_ok", { signal: controller.signal })
    setTimeout(() => controller.abort(reason), 30)
    await expect(answer).rejects.toBe(reason)
    expect((await ask("mock_hang_then_ok")).status).toBe(200)
    await close({ graceMillis: 60_000 })
  })

  it("mock_slow answers late, and not at all to a client that has gone", async () => {
    const { ask, close } = await start({ slowMillis: 60 })
    const before = performance.now()
    expect((await ask("mock_slow")).status).toBe(200)
    expect(performance.now() - before).toBeGreaterThanOrEqual(55)
    await expect(ask("mock_slow", { signal: AbortSignal.timeout(10) })).rejects.toThrow("aborted due to timeout")
    await close({ graceMillis: 60_000 })
  })
})

describe("close", () => {
  it("cuts requests that hang, at once, and frees the port", async () => {
    const { ask, close, port } = await start()
    const hanging = causeOf(ask("mock_hang"))
    await expect.poll(async () => (await ask("k")).status).toBe(200)
    const before = performance.now()
    await close()
    expect(performance.now() - before).toBeLessThan(500)
    expect(await hanging).toMatchObject({ code: "UND_ERR_SOCKET" })
    const again = await createMockServer().listen({ port })
    await again.close()
  })

  it("lets requests finish within the grace that was asked for", async () => {
    const { ask, close } = await start({ slowMillis: 100 })
    const slow = ask("mock_slow")
    await ask("k")
    const before = performance.now()
    await close({ graceMillis: 10_000 })
    expect(performance.now() - before).toBeLessThan(1000)
    expect((await slow).status).toBe(200)
  })

  it("can be called twice", async () => {
    const { close } = await start()
    await Promise.all([close(), close()])
    await close()
  })
})
