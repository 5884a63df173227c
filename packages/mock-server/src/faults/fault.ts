import type { ServerResponse } from "node:http"
import type { Duplex } from "node:stream"
import type { Clock } from "../values/clock.ts"
import type { Random } from "../values/random.ts"

/** One answer on its way. */
export interface FaultContext {
  /** The answer that would have been sent. */
  readonly response: Response
  /** The clock that delays are measured on. */
  readonly clock: Clock
  readonly random: Random
  /** Aborts when the client goes away, or when the server closes. */
  readonly signal: AbortSignal
}

/** What a fault needs of a connection; `net.Socket` is one. */
export interface FaultSocket extends Duplex {
  /** Ends the writable side, and destroys the connection once everything is out. */
  readonly destroySoon: () => void
  /** Sends RST. */
  readonly resetAndDestroy: () => unknown
}

/** One request on a connection, before a byte of its answer has been sent. */
export interface SocketDelivery extends FaultContext {
  readonly outgoing: ServerResponse
  readonly socket: FaultSocket
}

/** A way in which an answer does not reach the client as it should. */
export interface Fault {
  /** Resolves when nothing is left to do on the connection. May reject once the signal has aborted. */
  readonly onSocket: (delivery: SocketDelivery) => Promise<void>
  /** What `fetch` would have seen, where that can be shown honestly without a connection. */
  readonly inProcess?: (context: FaultContext) => Promise<Response>
}

export const untilAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason)
    else signal.addEventListener("abort", () => reject(signal.reason), { once: true })
  })
