import * as fc from "fast-check"
import { once } from "node:events"
import type { Duplex } from "node:stream"
import { describe, expect, it } from "vitest"
import { socketPair } from "../../src/transport/paired.ts"
import { createMockServer } from "../../src/index.ts"
import { conforms, read, request } from "../support.ts"
import { head, startOn, transports } from "./support.ts"

/** All that arrives until the other side ends. The helpers of `node:stream` would destroy both directions then. */
const heard = async (socket: Duplex): Promise<Buffer> => {
  const pieces: Array<Uint8Array> = []
  socket.on("data", (piece: Uint8Array) => void pieces.push(piece))
  await once(socket, "end")
  return Buffer.concat(pieces)
}

describe("a pair of sockets", () => {
  it("carries every byte in order, both ways at once, and then the end", async () => {
    const pieces = fc.array(fc.uint8Array({ maxLength: 100_000 }), { maxLength: 20 })
    await fc.assert(
      fc.asyncProperty(pieces, pieces, async (there, back) => {
        const [client, server] = socketPair()
        const arrived = [heard(server), heard(client)]
        for (const piece of there) client.write(piece)
        for (const piece of back) server.write(piece)
        server.end()
        client.end()
        expect(await Promise.all(arrived)).toEqual([Buffer.concat(there), Buffer.concat(back)])
      }),
      { numRuns: 50 }
    )
  })

  it("delivers in a later turn", async () => {
    const [client, server] = socketPair()
    let seen = ""
    server.setEncoding("utf8").on("data", (text: string) => (seen += text))
    client.write("a")
    await Promise.resolve()
    expect(seen).toBe("")
    await once(server, "data")
    expect(seen).toBe("a")
  })

  it("holds a writer back until the reader has read", async () => {
    const [client, server] = socketPair()
    const size = 10 * server.readableHighWaterMark
    let out = false
    client.write(Buffer.alloc(size), () => (out = true))
    await once(server, "readable")
    await new Promise((resolve) => setTimeout(resolve, 5))
    expect(out).toBe(false)
    server.resume()
    await expect.poll(() => out).toBe(true)
  })

  it("lets the server answer a client that has ended its side", async () => {
    const [client, server] = socketPair()
    const answer = heard(client)
    client.end("question")
    expect(String(await heard(server))).toBe("question")
    server.end("answer")
    expect(String(await answer)).toBe("answer")
  })

  it("shows a reset as ECONNRESET on the other side, and on that side alone", async () => {
    const [client, server] = socketPair()
    server.on("error", expect.fail)
    server.resetAndDestroy()
    const [error] = await once(client, "error")
    expect(error).toMatchObject({ code: "ECONNRESET", syscall: "read", message: "read ECONNRESET" })
    expect(client.destroyed).toBe(true)
  })

  it("shows a destroyed end as an end, and fails what is still written to it", async () => {
    const [client, server] = socketPair()
    client.destroy()
    server.resume()
    await once(server, "end")
    server.write("into the void")
    const [error] = await once(server, "error")
    expect(error).toMatchObject({ code: "EPIPE", syscall: "write" })
  })

  it("fails a write that the other end will never read", async () => {
    const [client, server] = socketPair()
    const failed = once(server, "error")
    server.write(Buffer.alloc(10 * client.readableHighWaterMark))
    await once(client, "readable")
    client.destroy()
    expect(await failed).toMatchObject([{ code: "EPIPE" }])
  })

  it("destroySoon lets everything out first", async () => {
    const [client, server] = socketPair()
    const all = heard(client)
    server.write("all ")
    server.write("of it")
    server.destroySoon()
    expect(server.destroyed).toBe(false)
    expect(String(await all)).toBe("all of it")
    expect(server.destroyed).toBe(true)
    server.destroySoon()
  })
})

describe("fetch over paired streams", () => {
  const start = async () => {
    const server = createMockServer({ slowMillis: 0 })
    const { close, fetch } = await server.listenOverStreams()
    const rejection = (key: string, init?: RequestInit) =>
      fetch(request(key, init)).then((response) => response.text()).then(
        (text) => expect.fail(`it answered ${text}`),
        (reason: unknown) => reason
      )
    return { server, close, fetch, rejection }
  }

  it("answers as fetch in process does, and shares its keys", async () => {
    const { fetch, server } = await start()
    for (const key of ["k", "mock_rate_limited", "mock_502", "mock_no_content", "mock_redirect", undefined]) {
      const [seen, expected] = [await read(await fetch(request(key))), await read(await server.fetch(request(key)))]
      expect([seen.status, seen.text]).toEqual([expected.status, expected.text])
      expect(Object.fromEntries(seen.headers)).toMatchObject(Object.fromEntries(expected.headers))
    }
    expect((await server.fetch(request("mock_503_then_ok"))).status).toBe(503)
    expect(conforms(await read(await fetch(request("mock_503_then_ok"))))).toBe(true)
  })

  it("sends methods and bodies", async () => {
    const { fetch } = await start()
    expect(await (await fetch(request("k", { method: "HEAD" }))).text()).toBe("")
    const wrong = await fetch(request("k", { method: "POST", body: "x".repeat(300_000) }))
    expect([wrong.status, wrong.headers.get("allow")]).toEqual([405, "GET, HEAD, OPTIONS"])
  })

  it.each([
    ["mock_reset", "fetch failed", { code: "ECONNRESET", message: "read ECONNRESET" }],
    ["mock_empty_response", "fetch failed", { code: "ECONNRESET", message: "socket hang up" }],
    ["mock_random_data_then_close", "fetch failed", { code: "HPE_INVALID_CONSTANT" }],
    ["mock_malformed_response_chunk", "terminated", { code: "ECONNRESET" }],
    ["mock_truncated", "terminated", { code: "ECONNRESET" }]
  ])("%s is a TypeError with the error of node:http as its cause", async (key, message, cause) => {
    const { rejection } = await start()
    const reason = await rejection(key)
    expect(reason).toBeInstanceOf(TypeError)
    expect(reason).toMatchObject({ message, cause })
  })

  it.each(["mock_hang", "mock_hang_after_headers", "mock_dribble_2_60000", "mock_delay_60000"])(
    "%s rejects with the reason of the signal",
    async (key) => {
      const { rejection } = await start()
      const controller = new AbortController()
      const reason = new Error("the caller gave up")
      setTimeout(() => controller.abort(reason), 20)
      expect(await rejection(key, { signal: controller.signal })).toBe(reason)
      expect(await rejection(key, { signal: controller.signal })).toBe(reason)
    }
  )

  it("a body that is cancelled closes its connection", async () => {
    const { close, fetch, server } = await start()
    const response = await fetch(request("mock_oversized_2147483647"))
    await response.body?.cancel()
    expect((await server.fetch(request("k"))).status).toBe(200)
    await close()
  })

  it("close() can be called twice, and cuts what is open", async () => {
    const { close, rejection, server } = await start()
    const hanging = rejection("mock_hang")
    await expect.poll(async () => (await server.admin.countRequests()).count).toBe(1)
    await Promise.all([close(), close()])
    expect(await hanging).toMatchObject({ message: "fetch failed", cause: { message: "socket hang up" } })
  })
})

it.each(transports)("keeps %s open between two requests", async (_name, transport) => {
  const { open } = await startOn(transport)
  const socket = open()
  const ask = async (key: string) => {
    socket.write(head(key))
    let text = ""
    while (!text.includes("}")) text += String((await once(socket, "data"))[0])
    return text.slice(0, 12)
  }
  expect(await ask("k")).toBe("HTTP/1.1 200")
  expect(await ask("mock_503")).toBe("HTTP/1.1 503")
  socket.destroy()
})
