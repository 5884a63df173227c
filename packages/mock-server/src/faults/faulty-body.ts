import type { ServerResponse } from "node:http"
import type { Random } from "../values/random.ts"
import type { Fault, FaultContext, SocketDelivery } from "./fault.ts"

/** How a body ends: as HTTP wants it, by closing the connection, or with bytes that are no HTTP and then closing it. */
export type Ending = "whole" | "cut" | "garbage"

/** Makes the pieces to send of the whole body. The next one may reject once the signal has aborted. */
export type Body = (
  whole: Uint8Array<ArrayBuffer>,
  context: FaultContext
) => AsyncIterator<Uint8Array<ArrayBuffer>, Ending, void>

/**
 * Waits between the head and the garbage: clients take the two, if they arrive together, for one broken head. The wait
 * is in the system's time, because a frozen clock of a key does not hold back packets.
 */
const headStart = (): Promise<void> => new Promise((resolve) => void setTimeout(resolve, 20))

/** Bytes beyond ASCII, so that they never look like a status line or the length of a chunk. */
export const garbage = (random: Random): Uint8Array<ArrayBuffer> =>
  Uint8Array.from({ length: 64 }, () => 0x80 + Math.floor(random() * 0x80))

/** Resolves once the bytes are sent, or once the connection has broken. In the second case the signal has aborted. */
const written = (outgoing: ServerResponse, bytes: Uint8Array): Promise<void> =>
  new Promise((resolve) => void outgoing.write(bytes, () => resolve()))

const send = async (body: Body, whole: Uint8Array<ArrayBuffer>, delivery: SocketDelivery): Promise<void> => {
  const { outgoing, random, signal, socket } = delivery
  const pieces = body(whole, delivery)
  for (;;) {
    const { done, value } = await pieces.next()
    signal.throwIfAborted()
    if (!done) await written(outgoing, value)
    else if (value === "whole") return void outgoing.end()
    else {
      if (value === "garbage") {
        await headStart()
        signal.throwIfAborted()
        socket.write(garbage(random))
      }
      return socket.destroySoon()
    }
  }
}

/** The body as `fetch` would hand it out: where the connection would have broken, reading fails with a `TypeError`. */
const streamOf = (body: Body, whole: Uint8Array<ArrayBuffer>, context: FaultContext): ReadableStream => {
  const cancelled = new AbortController()
  const signal = AbortSignal.any([context.signal, cancelled.signal])
  const pieces = body(whole, { ...context, signal })
  return new ReadableStream({
    pull: async (controller) => {
      signal.throwIfAborted()
      const { done, value } = await pieces.next()
      if (!done) controller.enqueue(value)
      else if (value === "whole") controller.close()
      else controller.error(new TypeError("terminated"))
    },
    cancel: (reason) => cancelled.abort(reason)
  }, { highWaterMark: 0 })
}

/**
 * The answer with its own status and headers, and another body. `Content-Length` is that of the whole body, unless the
 * body is `chunked`. An answer without a body, such as one to HEAD, is left as it is.
 */
export const faultyBody = (body: Body, framing: "length" | "chunked" = "length"): Fault => ({
  onSocket: async (delivery) => {
    const { outgoing, response } = delivery
    const headers = Object.fromEntries(response.headers)
    const whole = await response.bytes()
    if (whole.length === 0) return void outgoing.writeHead(response.status, headers).end()
    outgoing.writeHead(
      response.status,
      framing === "chunked" ? headers : { ...headers, "content-length": whole.length }
    )
    outgoing.flushHeaders()
    await send(body, whole, delivery)
  },
  inProcess: async (context) => {
    const { response } = context
    if (response.body === null) return response
    const headers = new Headers(response.headers)
    const whole = await response.bytes()
    if (framing === "length") headers.set("content-length", String(whole.length))
    return new Response(streamOf(body, whole, context), { status: response.status, headers })
  }
})
