import { request as httpRequest } from "node:http"
import type { IncomingMessage } from "node:http"
import type { Duplex } from "node:stream"
import type { App } from "../vendor/api.ts"
import type { Core } from "../vendor/core.ts"
import { asFetch } from "./fetch.ts"
import type { Fetch } from "./fetch.ts"
import { createHttpServer } from "./http-server.ts"
import { socketPair } from "./paired.ts"

/**
 * A server without a port, behind connections in memory. Both ends speak HTTP with Node's own parsers, so every fault
 * shows as it does on a socket.
 *
 * @experimental
 */
export interface StreamsServer extends AsyncDisposable {
  /**
   * Sends a request over a connection of its own, with `node:http` as the client. A broken connection is a `TypeError`
   * whose `cause` is the error of `node:http`; an abort is the reason of the request's signal. It follows no redirects
   * and decodes no `Content-Encoding`.
   */
  readonly fetch: Fetch
  /**
   * Opens a connection and returns the client's end: `createConnection` of a `node:http` request, or the socket that an
   * undici connector hands on.
   */
  readonly connect: () => Duplex
  /** Cuts every connection. Calling it again changes nothing. */
  readonly close: () => Promise<void>
}

/** What `fetch` makes of an error: the reason of an abort as it is, everything else as the cause of a `TypeError`. */
const asFetchError = (message: string, cause: unknown, signal: AbortSignal): unknown =>
  signal.aborted ? signal.reason : new TypeError(message, { cause })

const bodyOf = (incoming: IncomingMessage, signal: AbortSignal): ReadableStream => {
  const chunks = incoming[Symbol.asyncIterator]()
  return new ReadableStream({
    pull: async (controller) => {
      try {
        const { done, value } = await chunks.next()
        if (done) controller.close()
        else controller.enqueue(value)
      } catch (error) {
        throw asFetchError("terminated", error, signal)
      }
    },
    cancel: () => void incoming.destroy()
  })
}

const headersOf = ({ headersDistinct }: IncomingMessage): Headers => {
  const headers = new Headers()
  for (const [name, values = []] of Object.entries(headersDistinct)) {
    for (const value of values) headers.append(name, value)
  }
  return headers
}

const withoutBody = new Set([101, 204, 205, 304])

const responseOf = (incoming: IncomingMessage, { method, signal }: Request): Response => {
  const { statusCode: status = 200, statusMessage: statusText = "" } = incoming
  const empty = method === "HEAD" || withoutBody.has(status)
  if (empty) incoming.resume()
  return new Response(empty ? null : bodyOf(incoming, signal), {
    status,
    statusText,
    headers: headersOf(incoming)
  })
}

const fetchOver = async (connect: () => Duplex, request: Request): Promise<Response> => {
  const { headers, method, signal, url } = request
  signal.throwIfAborted()
  const body = new Uint8Array(await request.arrayBuffer())
  const incoming = new Promise<IncomingMessage>((resolve, reject) => {
    httpRequest(url, { method, headers: Object.fromEntries(headers), createConnection: connect, signal })
      .on("response", resolve)
      .on("error", (error) => reject(asFetchError("fetch failed", error, signal)))
      .end(body.length === 0 ? undefined : body)
  })
  return responseOf(await incoming, request)
}

/** Serves the app over connections in memory. */
export const listenOverStreams = (app: App, core: Core): StreamsServer => {
  const closing = new AbortController()
  const server = createHttpServer(app, core, "localhost", closing.signal)
  const open = new Set<Duplex>()
  const connect = (): Duplex => {
    const [client, remote] = socketPair()
    open.add(remote)
    remote.once("close", () => open.delete(remote))
    server.emit("connection", remote)
    return client
  }
  const close = async (): Promise<void> => {
    closing.abort()
    await Promise.all(
      [...open].map((remote) => new Promise<void>((resolve) => void remote.once("close", resolve).destroy()))
    )
  }
  return {
    fetch: asFetch((request) => fetchOver(connect, request)),
    connect,
    close,
    [Symbol.asyncDispose]: close
  }
}
