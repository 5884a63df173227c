import type { Clock } from "../values/clock.ts"
import type { Random } from "../values/random.ts"
import type { Tenant } from "../tenant/tenants.ts"
import type { Fault } from "../faults/fault.ts"

/** What happens to an answer between the app and the client. */
export interface Delivery {
  /** The step that asked for it. */
  readonly step: string
  readonly delayMillis: number
  readonly fault: Fault | undefined
  /** Whether the fault leaves no answer that the vendor's document describes. */
  readonly breaksAnswer: boolean
  /** The clock that delays are measured on. */
  readonly clock: Clock
  readonly random: Random
}

/**
 * The notes of one request, which Hono hands to every handler as `c.env`. Handlers write what shall happen. The caller
 * of the app carries it out and puts it on record, because only the caller knows whether there is a socket.
 */
export class Exchange {
  /** Whether the admin API answers on this way in. */
  readonly adminIsOn: boolean
  delivery: Delivery | undefined = undefined
  /** Whose request it is; `undefined` without a key. */
  tenant: Tenant | undefined = undefined
  /** The step that answers, as the plan names it. */
  step: string | undefined = undefined
  /** The path of a request that belongs on record: those to the admin API do not. */
  path: string | undefined = undefined
  retryAfter: string | undefined = undefined
  /** Whether the answer never ends by itself (server-sent events): a server that closes must cut it. */
  isEndless = false

  constructor(adminIsOn: boolean) {
    this.adminIsOn = adminIsOn
  }
}
