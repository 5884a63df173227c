import type { WireFault } from "./fault.ts"

/** Sends RST instead of an answer: `ECONNRESET` to the client. */
export const reset: WireFault = {
  onSocket: async ({ socket }) => {
    socket.resetAndDestroy()
  }
}
