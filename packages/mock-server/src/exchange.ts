import type { Clock } from "./clock.ts"
import type { Random } from "./random.ts"
import type { WireFault } from "./wire/fault.ts"

/** What happens to an answer between the app and the client. */
export interface Delivery {
  /** The step that asked for it. */
  readonly step: string
  readonly delayMillis: number
  readonly fault: WireFault | undefined
  /** The clock that delays are measured on. */
  readonly clock: Clock
  readonly random: Random
}

/**
 * The notes of one request, which Hono hands to every handler as `c.env`. Handlers write what shall happen; whoever
 * called the app carries it out, because only the caller knows whether there is a socket.
 */
export class Exchange {
  delivery: Delivery | undefined = undefined
}
