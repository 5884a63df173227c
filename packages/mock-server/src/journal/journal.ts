import type { Exchange } from "../vendor/exchange.ts"
import { FairQueue } from "./fair-queue.ts"
import type { JournalEntry, RequestEvent } from "./journal-entry.ts"
import { Connection, RequestRecord } from "./request-record.ts"
import type { Wire } from "./request-record.ts"
import type { Emitter } from "../values/subscribers.ts"

/** The requests of one server, the last ones over all keys. */
export class Journal {
  readonly #records = new FairQueue<RequestRecord>()
  readonly #events: Emitter<RequestEvent>
  readonly #limit: () => number
  /** Tells those who watch of a request that has arrived or ended. */
  readonly #tell = (record: RequestRecord): void => {
    if (this.#events.any) this.#events.emit({ type: "request", request: record.entry() })
  }
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
    const record = new RequestRecord(this.#tell, ++this.#requests, method, path, exchange, connection, wire)
    this.#records.add(tenant?.key ?? "", record, this.#limit())
    this.#tell(record)
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
}
