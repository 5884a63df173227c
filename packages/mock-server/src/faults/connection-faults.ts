import { untilAborted } from "./fault.ts"
import type { Fault, FaultSocket } from "./fault.ts"
import { garbage } from "./faulty-body.ts"

/** TLS has no reset of its own, and Node throws when one is asked for: there the connection ends without a goodbye. */
const cut = (socket: FaultSocket): void => void ("encrypted" in socket ? socket.destroy() : socket.resetAndDestroy())

/** Sends RST instead of an answer: `ECONNRESET` to the client. */
export const reset: Fault = { onSocket: async ({ socket }) => cut(socket) }

/** Closes the connection in an orderly way, without an answer. */
export const emptyResponse: Fault = { onSocket: async ({ socket }) => socket.destroySoon() }

/** Sends bytes that are no HTTP, and closes. */
export const randomData: Fault = {
  onSocket: async ({ random, socket }) => {
    socket.write(garbage(random))
    socket.destroySoon()
  }
}

/** Never answers. Ends when the client gives up, or when the server closes. */
export const hang: Fault = {
  onSocket: ({ signal }) => untilAborted(signal),
  inProcess: ({ signal }) => untilAborted(signal)
}
