import type { Activity, Arrival, OpenRequest } from "../tenant/activity.ts"
import type { Tenant } from "../tenant/tenants.ts"
import type { JournalEntry, RequestOutcome } from "./journal-entry.ts"

/** A connection on record, kept up to date by the one who accepted it. */
export class ConnectionRecord {
  readonly id: number
  requests = 0
  closedAt: number | null = null
  /** Whether the client has ended its side, which is known before the connection has closed. */
  readonly isLeft: () => boolean

  constructor(id: number, isLeft: () => boolean) {
    this.id = id
    this.isLeft = isLeft
  }
}

/** What has gone out so far of an answer. Node's `ServerResponse` is one. */
export interface Sending {
  readonly headersSent: boolean
  readonly statusCode: number
}

/** Where an answer goes that is sent over a connection. */
export interface Transmission {
  readonly connection: ConnectionRecord | undefined
  readonly sending: Sending
}

/** A request whose answer is known, and not yet sent. */
export interface Answered {
  readonly id: number
  readonly method: string
  readonly path: string
  /** Whose request it is; `undefined` without a key. */
  readonly tenant: Tenant | undefined
  readonly step: string | undefined
  readonly retryAfter: string | undefined
}

interface End {
  readonly at: number
  readonly status: number | null
  readonly outcome: Exclude<RequestOutcome, "open">
}

const keyless: Omit<Arrival, "attempt"> & { readonly attempt: null } = {
  attempt: null,
  intervalMillis: null,
  waitedMillis: null,
  others: []
}

const nowOf = (tenant: Tenant | undefined): number => tenant === undefined ? Date.now() : tenant.clock.now()

/** One request on record. What sends its answer says when that has ended. */
export class RequestRecord implements OpenRequest {
  readonly #answered: Answered
  readonly #tell: (record: RequestRecord) => void
  readonly #connection: ConnectionRecord | undefined
  readonly #onConnection: number
  /** The activity of its key when it arrived. A reset begins a new activity, in which this request does not count. */
  readonly #activity: Activity | undefined
  readonly #at: number
  #arrival: Arrival | typeof keyless = keyless
  #concurrent = 0
  #isFaulted = false
  /** Dropped when the request ends, because it holds a socket. */
  #sending: Sending | undefined
  #end: End | undefined = undefined

  constructor(
    answered: Answered,
    transmission: Transmission | undefined,
    tell: (record: RequestRecord) => void
  ) {
    const { tenant } = answered
    this.#answered = answered
    this.#connection = transmission?.connection
    this.#sending = transmission?.sending
    this.#tell = tell
    this.#at = nowOf(tenant)
    this.#onConnection = this.#connection === undefined ? 0 : ++this.#connection.requests
    this.#activity = tenant?.activity
    if (this.#activity !== undefined) {
      this.#arrival = this.#activity.arrive(this, this.#at)
      this.#concurrent = this.#arrival.others.length
    }
  }

  /** Whether others were open when it arrived, so that {@link recount} is worth a call. */
  get overlaps(): boolean {
    return this.#concurrent > 0
  }

  /**
   * Counts the other open requests again, without those whose clients have left. A client that gives up and tries again
   * at once does not overlap with itself, but the event that it has left may come after its new request. Call this
   * after all events of the same turn.
   */
  recount(): void {
    this.#concurrent = this.#arrival.others.filter((other) => !other.isLeft).length
    this.#arrival = {
      ...this.#arrival,
      waitedMillis: this.#concurrent === 0 ? 0 : this.#arrival.waitedMillis,
      others: []
    }
  }

  get isLeft(): boolean {
    return this.#end === undefined
      ? this.#connection?.isLeft() === true
      : this.#end.outcome === "aborted"
  }

  /** Notes that the fault of its step has been carried out. */
  markFaulted(): void {
    this.#isFaulted = true
  }

  /** Notes that the journal has no room for it any more. */
  markLost(): void {
    if (this.#activity !== undefined) this.#activity.lost++
  }

  /** The end of a request on a connection, whether or not all of the answer went out. */
  close(whole: boolean): void {
    this.end(this.#isFaulted ? "faulted" : whole ? "sent" : "aborted", this.#sentStatus)
  }

  /** The end of a request, and the status that went out. Only the first one counts. */
  end(outcome: End["outcome"], status: number | null): void {
    if (this.#end !== undefined) return
    this.#end = { at: nowOf(this.#answered.tenant), status, outcome }
    this.#sending = undefined
    this.#activity?.end(this, this.#end.at)
    this.#tell(this)
  }

  get id(): number {
    return this.#answered.id
  }

  get #sentStatus(): number | null {
    return this.#sending?.headersSent === true ? this.#sending.statusCode : null
  }

  entry(): JournalEntry {
    const { id, method, path, retryAfter = null, step = null, tenant } = this.#answered
    const { attempt, intervalMillis, waitedMillis } = this.#arrival
    const connection = this.#connection
    return {
      id,
      key: tenant?.label ?? null,
      method,
      path,
      step,
      status: this.#end === undefined ? this.#sentStatus : this.#end.status,
      attempt,
      at: this.#at,
      millis: this.#end === undefined ? null : this.#end.at - this.#at,
      outcome: this.#end?.outcome ?? "open",
      retryAfter,
      intervalMillis,
      waitedMillis,
      concurrent: this.#concurrent,
      connection: connection === undefined ? null : {
        id: connection.id,
        request: this.#onConnection,
        reused: this.#onConnection > 1,
        closedAt: connection.closedAt
      }
    }
  }
}
