import type { ServerResponse } from "node:http"
import type { Socket } from "node:net"

/** One request on a socket, before a byte of its answer has been sent. */
export interface SocketDelivery {
  /** The answer that would have been sent. */
  readonly response: Response
  readonly outgoing: ServerResponse
  readonly socket: Socket
  /** Aborts when the client goes away. */
  readonly signal: AbortSignal
}

/** A way in which an answer does not reach the client whole. */
export interface WireFault {
  /** Resolves when nothing is left to do on the socket. */
  readonly onSocket: (delivery: SocketDelivery) => Promise<void>
  /** What `fetch` would have seen, where that can be shown honestly without a socket. */
  readonly inProcess?: (response: Response, signal: AbortSignal) => Promise<Response>
}
