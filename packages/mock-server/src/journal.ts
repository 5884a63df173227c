import type { Exchange } from "./exchange.ts"
import { FairQueue } from "./fair-queue.ts"
import type { Emitter } from "./subscribers.ts"
import type { Tenant } from "./tenants.ts"

/**
 * How a request ended. `sent`: the whole answer is out. `faulted`: its step broke the answer. `aborted`: the client left
 * before that. `open`: it has not ended.
 */
export type RequestOutcome = "open" | "sent" | "faulted" | "aborted"

/** One request on record. Times are milliseconds on the clock of its key. */
export interface JournalEntry {
  /** Requests are numbered from 1 in the order in which they arrived. */
  readonly id: number
  /** The beginning of the key, `…` and a number. The admin API takes it in place of the key. `null` without a key. */
  readonly key: string | null
  readonly method: string
  readonly path: string
  /** The step that answered, as the plan names it; `limit` for the rate limiter; `null` when it got to neither. */
  readonly step: string | null
  /** The status that went out, or `null` when none did. */
  readonly status: number | null
  /** Which request of its key it is, from 1. `null` without a key. */
  readonly attempt: number | null
  /** When it arrived, since 1970. */
  readonly at: number
  /** From then until its end. `null` while it is open. */
  readonly millis: number | null
  readonly outcome: RequestOutcome
  /** The `Retry-After` of the answer. */
  readonly retryAfter: string | null
  /** From the arrival of the key's request before it to its own. */
  readonly intervalMillis: number | null
  /** From the end of the key's request before it to its arrival. `null` when that was still open. */
  readonly waitedMillis: number | null
  /** How many other requests of the key were open when it arrived. */
  readonly concurrent: number
  /** `null` in process. */
  readonly connection: ConnectionEntry | null
}

/** The connection that a request came on. */
export interface ConnectionEntry {
  /** Connections are numbered from 1 in the order in which they opened. */
  readonly id: number
  /** Which request on the connection it is, from 1. */
  readonly request: number
  /** Whether the connection had served another request before. */
  readonly reused: boolean
  /** When it closed, since 1970 on the system's clock; `null` while it is open. */
  readonly closedAt: number | null
}

/** A request has arrived, or ended. */
export interface RequestEvent {
  readonly type: "request"
  readonly request: JournalEntry
}

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
  readonly #journal: Journal
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
    journal: Journal,
    id: number,
    method: string,
    path: string,
    exchange: Exchange,
    connection: Connection | undefined,
    wire: Wire | undefined
  ) {
    const { tenant } = exchange
    this.tenant = tenant
    this.#journal = journal
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
    this.#journal.tell(this)
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

/** The requests of one server, the last ones over all keys. */
export class Journal {
  readonly #records = new FairQueue<RequestRecord>()
  readonly #events: Emitter<RequestEvent>
  readonly #limit: () => number
  #requests = 0
  #connections = 0

  /** `limit` is how many requests it holds at most; it may change. */
  constructor(limit: () => number, events: Emitter<RequestEvent>) {
    this.#limit = limit
    this.#events = events
  }

  /** Numbers a connection that has been accepted. */
  connect(isLeft: () => boolean): Connection {
    return new Connection(++this.#connections, isLeft)
  }

  /**
   * Puts a request on record, once the app has answered it and before any of the answer is on its way. `undefined` for
   * one that belongs to no record: those to the admin API, and the questions that browsers ask beforehand.
   */
  record(exchange: Exchange, method: string, connection?: Connection, wire?: Wire): RequestRecord | undefined {
    const { path, tenant } = exchange
    if (path === undefined) return undefined
    const record = new RequestRecord(this, ++this.#requests, method, path, exchange, connection, wire)
    this.#records.add(tenant?.key ?? "", record, this.#limit())
    this.tell(record)
    return record
  }

  /** The requests of a key, or of all, in the order in which they arrived. */
  entries(key?: string): ReadonlyArray<JournalEntry> {
    if (key !== undefined) return [...this.#records.of(key)].map((record) => record.entry())
    return [...this.#records.all()].toSorted((a, b) => a.id - b.id).map((record) => record.entry())
  }

  /** Drops the requests of a key, or of all. */
  clear(key?: string): void {
    if (key === undefined) this.#records.clearAll()
    else this.#records.clear(key)
  }

  /** Drops what a lower limit leaves no room for. */
  trim(): void {
    this.#records.trim(this.#limit())
  }

  /** Tells those who watch of a request that has arrived or ended. */
  tell(record: RequestRecord): void {
    if (this.#events.any) this.#events.emit({ type: "request", request: record.entry() })
  }
}
