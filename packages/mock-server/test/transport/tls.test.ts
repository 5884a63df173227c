import { once } from "node:events"
import { connect, createServer } from "node:tls"
import { expect, it, onTestFinished } from "vitest"
import { createApp } from "../../src/app.ts"
import { createCore } from "../../src/vendor/core.ts"
import { createHttpServer } from "../../src/transport/http-server.ts"
import { exchange, head, split } from "./support.ts"

/** A shared key in place of a certificate, which no test needs to make, keep or renew. */
const psk = Buffer.from("0123456789abcdef")
const ciphers = "PSK-AES128-GCM-SHA256"
const maxVersion = "TLSv1.2"

const start = async () => {
  const core = createCore({})
  const http = createHttpServer(createApp(core), core, "127.0.0.1")
  const server = createServer({ ciphers, maxVersion, pskCallback: () => psk })
  server.on("secureConnection", (socket) => http.emit("connection", socket))
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  onTestFinished(() => void server.close())
  const address = server.address()
  const port = typeof address === "object" && address !== null ? address.port : 0
  return async (key: string) => {
    const socket = connect({
      host: "127.0.0.1",
      port,
      ciphers,
      maxVersion,
      checkServerIdentity: () => undefined,
      pskCallback: () => ({ psk, identity: "test" })
    })
    return exchange(socket, head(key, "GET", "close"))
  }
}

it("answers over TLS", async () => {
  const ask = await start()
  expect(split((await ask("k")).text)[1]).toBe(`{"availableCredits":1000,"totalCredits":1000}`)
})

it.each([
  ["reset", /^$/],
  ["empty_response", /^$/],
  ["random_data_then_close", /^[\x80-\xff]{64}$/],
  ["malformed_response_chunk", /\r\n\r\n[\x80-\xff]{64}$/],
  ["truncated", /\r\n\r\n\{"availableCredits":10$/]
])("mock_%s ends a TLS connection too, where there is no RST to send", async (step, sent) => {
  const ask = await start()
  expect((await ask(`mock_${step}`)).text).toMatch(sent)
  expect((await ask(`mock_${step}_then_ok.again`)).text).toMatch(sent)
  expect(split((await ask(`mock_${step}_then_ok.again`)).text)[1]).toContain("availableCredits")
})
