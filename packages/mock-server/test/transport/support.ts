import { connect } from "node:net"
import type { Duplex } from "node:stream"
import { onTestFinished } from "vitest"
import { createMockServer } from "../../src/index.ts"
import type { MockServer, MockServerOptions } from "../../src/index.ts"

/** A way to reach a server at which faults can be seen byte by byte. */
export interface Transport {
  readonly server: MockServer
  readonly open: () => Duplex
  readonly close: () => Promise<void>
}

const overSockets = async (server: MockServer): Promise<Transport> => {
  const { close, port } = await server.listen()
  return { server, open: () => connect(port, "127.0.0.1"), close }
}

const overStreams = async (server: MockServer): Promise<Transport> => {
  const { close, connect } = await server.listenOverStreams()
  return { server, open: connect, close }
}

/** Every fault behaves the same on each of these. */
export const transports = [["a socket", overSockets], ["paired streams", overStreams]] as const

export const startOn = async (transport: typeof overSockets, options?: MockServerOptions): Promise<Transport> => {
  const started = await transport(createMockServer(options))
  onTestFinished(() => started.close())
  return started
}

/** What came over a connection until it ended, and the error it ended with. */
export interface Received {
  readonly text: string
  readonly error: Error | undefined
}

export const head = (key: string, method = "GET", connection = "keep-alive"): string =>
  `${method} /api/platform/credit/balance HTTP/1.1\r\nhost: mock\r\nconnection: ${connection}\r\nx-api-key: ${key}\r\n\r\n`

/** Writes requests by hand, and resolves with all that comes back until the connection closes. */
export const exchange = (socket: Duplex, written: string): Promise<Received> =>
  new Promise((resolve) => {
    let text = ""
    let error: Error | undefined
    socket.on("data", (chunk: Uint8Array) => (text += Buffer.from(chunk).toString("latin1")))
    socket.on("error", (reason) => (error = reason))
    socket.on("close", () => resolve({ text, error }))
    socket.write(written)
  })

/** Head and body of an answer. */
export const split = (text: string): readonly [head: string, body: string] => {
  const end = text.indexOf("\r\n\r\n")
  return end === -1 ? [text, ""] : [text.slice(0, end), text.slice(end + 4)]
}
