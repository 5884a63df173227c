import { once } from "node:events"
import { describe, expect, it } from "vitest"
import { exchange, head, split, startOn, transports } from "../transport/support.ts"

const balance = `{"availableCredits":1000,"totalCredits":1000}`

const reset = expect.objectContaining({ code: "ECONNRESET" })

const unchunked = (body: string): string => body.replaceAll(/[0-9a-f]+\r\n([^\r]*)\r\n/g, "$1")

describe.each(transports)("on %s", (_name, transport) => {
  const ask = async (key: string, method?: string) => {
    const { open } = await startOn(transport)
    const { error, text } = await exchange(open(), head(key, method))
    const [top, body] = split(text)
    return { error, text, top: top.toLowerCase(), body }
  }

  it.each(["mock_reset", "mock_CONNECTION_RESET_BY_PEER", "mock_reset_peer"])("%s sends RST alone", async (key) => {
    expect(await ask(key)).toMatchObject({ text: "", error: reset })
  })

  it.each(["mock_empty_response", "mock_EMPTY_RESPONSE"])("%s ends the connection without a byte", async (key) => {
    expect(await ask(key)).toMatchObject({ text: "", error: undefined })
  })

  it.each(["mock_random_data_then_close", "mock_RANDOM_DATA_THEN_CLOSE.x"])("%s sends no HTTP", async (key) => {
    const { error, text } = await ask(key)
    expect(error).toBeUndefined()
    expect(text).toMatch(/^[\x80-\xff]{64}$/)
  })

  it("random data is that of the seed and the key", async () => {
    const from = async (seed: number, key: string) => {
      const { open } = await startOn(transport, { seed })
      return (await exchange(open(), head(key))).text
    }
    const key = "mock_random_data_then_close.a"
    const seen = await from(1, key)
    expect(await from(1, key)).toBe(seen)
    expect(await from(2, key)).not.toBe(seen)
    expect(await from(1, "mock_random_data_then_close.b")).not.toBe(seen)
  })

  it("mock_MALFORMED_RESPONSE_CHUNK sends the head of a chunked answer, and then no chunk", async () => {
    const { body, error, top } = await ask("mock_MALFORMED_RESPONSE_CHUNK")
    expect(error).toBeUndefined()
    expect(top).toMatch(/^http\/1\.1 200 ok\r\n/)
    expect(top).toContain("transfer-encoding: chunked")
    expect(body).toMatch(/^[\x80-\xff]{64}$/)
  })

  it.each([
    ["mock_truncated", balance.slice(0, 22)],
    ["mock_limit_data", balance.slice(0, 22)],
    ["mock_truncated_0", ""],
    ["mock_truncated_7", balance.slice(0, 7)],
    ["mock_limit_data_99", balance.slice(0, 44)]
  ])("%s promises 45 bytes, sends fewer, and closes", async (key, sent) => {
    const { body, error, top } = await ask(key)
    expect(error).toBeUndefined()
    expect(top).toContain("content-length: 45")
    expect(body).toBe(sent)
  })

  it("mock_hang_after_headers sends a head and nothing more until the client leaves", async () => {
    const { open } = await startOn(transport)
    const socket = open()
    const answer = exchange(socket, head("mock_hang_after_headers"))
    await once(socket, "data")
    setTimeout(() => socket.destroy(), 30)
    const [top, body] = split((await answer).text)
    expect(top.toLowerCase()).toContain("content-length: 45")
    expect(body).toBe("")
  })

  it("mock_dribble sends every byte of the balance, in pieces", async () => {
    const { open } = await startOn(transport)
    const socket = open()
    const pieces: Array<string> = []
    socket.on("data", (chunk: Uint8Array) => pieces.push(Buffer.from(chunk).toString()))
    const { text } = await exchange(socket, head("mock_dribble_4_80", "GET", "close"))
    expect(split(text)[1]).toBe(balance)
    expect(pieces.slice(1).map((piece) => piece.length)).toEqual([11, 11, 11, 12])
  })

  it.each(["mock_dribble_45_0", "mock_dribble_1000_0", "mock_dribble_1_0"])("%s loses nothing", async (key) => {
    const { open } = await startOn(transport)
    expect(split((await exchange(open(), head(key, "GET", "close"))).text)[1]).toBe(balance)
  })

  it("mock_bad_gzip says gzip and sends plain text", async () => {
    const { open } = await startOn(transport)
    const [top, body] = split((await exchange(open(), head("mock_bad_gzip", "GET", "close"))).text)
    expect(top.toLowerCase()).toContain("content-encoding: gzip")
    expect(body).toBe(balance)
  })

  it.each([[1000, 1000], [0, 58], [200_000, 200_000]])(
    "mock_oversized_%i sends %i bytes of JSON",
    async (asked, size) => {
      const { open } = await startOn(transport)
      const { text } = await exchange(open(), head(`mock_oversized_${asked}`, "GET", "close"))
      const [top, body] = split(text)
      expect(top.toLowerCase()).toContain("transfer-encoding: chunked")
      const whole = unchunked(body.slice(0, -"0\r\n\r\n".length))
      expect(whole.length).toBe(size)
      expect(JSON.parse(whole)).toMatchObject({ availableCredits: 1000, totalCredits: 1000 })
    }
  )

  it("mock_oversized stops as soon as the client has had enough", async () => {
    const { close, open } = await startOn(transport)
    const socket = open()
    socket.once("data", () => socket.destroy())
    const { text } = await exchange(socket, head("mock_oversized_2147483647"))
    expect(text.length).toBeLessThan(1_000_000)
    await close()
  })

  it.each([
    "truncated",
    "hang_after_headers",
    "dribble_5_60000",
    "bad_gzip",
    "oversized",
    "malformed_response_chunk"
  ])("mock_%s has no body to break in an answer to HEAD", async (step) => {
    const { open } = await startOn(transport)
    const { error, text } = await exchange(open(), head(`mock_${step}`, "HEAD", "close"))
    expect(error).toBeUndefined()
    expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\n$/)
  })

  it.each(["reset", "empty_response", "random_data_then_close", "truncated", "malformed_response_chunk"])(
    "mock_%s waits its turn behind the answers that were asked for before it",
    async (step) => {
      const { open } = await startOn(transport, { slowMillis: 40 })
      const { text } = await exchange(open(), head("mock_slow") + head(`mock_${step}`))
      expect(split(text)[1].startsWith(balance)).toBe(true)
      expect(text.length).toBeGreaterThan(0)
    }
  )
})
