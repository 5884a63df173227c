import type { Exchange } from "../vendor/exchange.ts"
import type { JournalEntry, RequestOutcome } from "./journal-entry.ts"
import type { Tenant } from "../tenant/tenants.ts"

/** A connection, kept up to date by the one who accepted it. */
export class Connection {
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

/** What has gone out so far. Node's `ServerResponse` is one. */
export interface Wire {
  readonly headersSent: boolean
  readonly statusCode: number
}

const none: ReadonlyArray<never> = []

/** One request on record. Whoever sends its answer says when that has ended. */
export class RequestRecord {
  readonly tenant: Tenant | undefined
  readonly #id: number
  readonly #method: string
  readonly #path: string
  readonly #step: string | null
  readonly #retryAfter: string | null
  readonly #at: number
  readonly #tell: (record: RequestRecord) => void
  readonly #attempt: number | null = null
  readonly #intervalMillis: number | null = null
  #waitedMillis: number | null = null
  /** Those of the same key that were open when it arrived. */
  #others: ReadonlyArray<RequestRecord> = none
  #concurrent = 0
  readonly #connection: Connection | undefined
  readonly #onConnection: number = 0
  #wire: Wire | undefined
  #status: number | null = null
  #faulted = false
  #endedAt: number | null = null
  #outcome: RequestOutcome = "open"

  constructor(
    tell: (record: RequestRecord) => void,
    id: number,
    method: string,
    path: string,
    exchange: Exchange,
    connection: Connection | undefined,
    wire: Wire | undefined
  ) {
    const { tenant } = exchange
    this.tenant = tenant
    this.#tell = tell
    this.#id = id
    this.#method = method
    this.#path = path
    this.#step = exchange.step ?? null
    this.#retryAfter = exchange.retryAfter ?? null
    this.#at = tenant === undefined ? Date.now() : tenant.clock.now()
    this.#connection = connection
    this.#wire = wire
    if (connection !== undefined) this.#onConnection = ++connection.requests
    if (tenant !== undefined) {
      const { activity } = tenant
      this.#attempt = ++activity.attempts
      if (activity.arrivedAt !== undefined) this.#intervalMillis = this.#at - activity.arrivedAt
      if (activity.open.size > 0) {
        this.#others = [...activity.open]
        this.#concurrent = this.#others.length
      } else if (activity.endedAt !== undefined) this.#waitedMillis = this.#at - activity.endedAt
      activity.open.add(this)
      activity.arrivedAt = this.#at
    }
  }

  /** Whether others were open when it arrived, so that {@link recount} is worth a call. */
  get overlaps(): boolean {
    return this.#others.length > 0
  }

  /**
   * Leaves out of the others those whose clients had left already. A client that gives up and tries again at once does
   * not overlap with itself, but the news that it gave up may come last. To be called when all news of the same turn
   * has come.
   */
  recount(): void {
    this.#concurrent = this.#others.filter((other) => !other.isLeft).length
    if (this.#concurrent === 0) this.#waitedMillis = 0
    this.#others = none
  }

  get isLeft(): boolean {
    return this.#outcome === "aborted" || (this.#outcome === "open" && this.#connection?.isLeft() === true)
  }

  /** Notes that the fault of its step has been carried out. */
  markFaulted(): void {
    this.#faulted = true
  }

  /** The end of a request on a connection, whether or not all of the answer went out. */
  close(whole: boolean): void {
    this.end(this.#faulted ? "faulted" : whole ? "sent" : "aborted", this.#sentStatus)
  }

  /** The end of a request, and the status that went out. Only the first one counts. */
  end(outcome: Exclude<RequestOutcome, "open">, status: number | null): void {
    if (this.#endedAt !== null) return
    this.#status = status
    this.#wire = undefined
    this.#outcome = outcome
    const { tenant } = this
    this.#endedAt = tenant === undefined ? Date.now() : tenant.clock.now()
    if (tenant !== undefined) {
      tenant.activity.open.delete(this)
      tenant.activity.endedAt = this.#endedAt
    }
    this.#tell(this)
  }

  get id(): number {
    return this.#id
  }

  get #sentStatus(): number | null {
    if (this.#wire === undefined) return this.#status
    return this.#wire.headersSent ? this.#wire.statusCode : null
  }

  entry(): JournalEntry {
    const connection = this.#connection
    return {
      id: this.#id,
      key: this.tenant?.label ?? null,
      method: this.#method,
      path: this.#path,
      step: this.#step,
      status: this.#sentStatus,
      attempt: this.#attempt,
      at: this.#at,
      millis: this.#endedAt === null ? null : this.#endedAt - this.#at,
      outcome: this.#outcome,
      retryAfter: this.#retryAfter,
      intervalMillis: this.#intervalMillis,
      waitedMillis: this.#waitedMillis,
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
