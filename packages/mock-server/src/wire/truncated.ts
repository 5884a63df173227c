import type { WireFault } from "./fault.ts"

const halfOf = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => new Uint8Array(bytes.subarray(0, bytes.length >> 1))

/** Promises the whole body in `Content-Length`, sends half of it, and closes the connection. */
export const truncated: WireFault = {
  onSocket: async ({ response, outgoing, socket }) => {
    const body = await response.bytes()
    const headers = Object.fromEntries(response.headers)
    if (body.length === 0) { // An answer to HEAD has nothing to cut.
      outgoing.writeHead(response.status, headers).end()
      return
    }
    outgoing.writeHead(response.status, { ...headers, "content-length": body.length })
    outgoing.write(halfOf(body), () => socket.destroySoon())
  },
  inProcess: async (response) => {
    if (response.body === null) return response
    const body = await response.bytes()
    const headers = new Headers(response.headers)
    headers.set("content-length", String(body.length))
    const half = halfOf(body)
    let sent = false
    return new Response(
      new ReadableStream({
        pull: (controller) => {
          if (sent) controller.error(new TypeError("terminated"))
          else controller.enqueue(half)
          sent = true
        }
      }),
      { status: response.status, headers }
    )
  }
}
