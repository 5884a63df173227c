import type { Tenant, Tenants } from "../tenant/tenants.ts"
import type { Emitter } from "../values/subscribers.ts"
import { FairQueue } from "./fair-queue.ts"
import type { JournalEntry, RequestEvent } from "./journal-entry.ts"
import { ConnectionRecord, RequestRecord } from "./request-record.ts"
import type { Answered, Transmission } from "./request-record.ts"

/** What is known of a request once it has been answered. A request without a path is not recorded. */
export interface Exchanged extends Pick<Answered, "retryAfter" | "step" | "tenant"> {
  readonly path: string | undefined
}

/** Requests on record. */
export interface Recorded {
  /** In the order in which they arrived. */
  readonly requests: ReadonlyArray<JournalEntry>
  /** Whether the journal still has every request that came. */
  readonly complete: boolean
}

const inOrder = (records: Iterable<RequestRecord>): ReadonlyArray<JournalEntry> =>
  [...records].toSorted((a, b) => a.id - b.id).map((record) => record.entry())

/** The requests of one server, the last ones over all keys. */
export class Journal {
  readonly #records = new FairQueue<RequestRecord>((record) => {
    this.#lost++
    record.markLost()
  })
  readonly #tenants: Tenants
  readonly #events: Emitter<RequestEvent>
  readonly #limit: () => number
  /** Tells those who watch of a request that has arrived or ended. */
  readonly #tell = (record: RequestRecord): void => {
    if (this.#events.any) this.#events.emit({ type: "request", request: record.entry() })
  }
  #requests = 0
  #connections = 0
  /** How many requests were dropped for lack of room. */
  #lost = 0

  /** `limit` is how many requests it holds at most; it may change. */
  constructor(limit: () => number, tenants: Tenants, events: Emitter<RequestEvent>) {
    this.#limit = limit
    this.#tenants = tenants
    this.#events = events
  }

  /** Numbers a connection that has been accepted. */
  connect(isLeft: () => boolean): ConnectionRecord {
    return new ConnectionRecord(++this.#connections, isLeft)
  }

  /**
   * Puts a request on record, once the app has answered it and before any of the answer is on its way. `undefined` for
   * a request that is not recorded: one to the admin API, or a browser's preflight.
   */
  record(
    { path, retryAfter, step, tenant }: Exchanged,
    method: string,
    transmission?: Transmission
  ): RequestRecord | undefined {
    if (path === undefined) return undefined
    const answered = { id: ++this.#requests, method, path, tenant, step, retryAfter }
    const record = new RequestRecord(answered, transmission, this.#tell)
    this.#records.add(tenant?.key ?? "", record, this.#limit())
    this.#tell(record)
    return record
  }

  /** All requests. */
  all(): Recorded {
    return { requests: inOrder(this.#records.all()), complete: this.#lost === 0 }
  }

  /** The requests of a key. */
  of(key: string): Recorded {
    const requests = [...this.#records.of(key)].map((record) => record.entry())
    return { requests, complete: this.#isComplete(this.#tenants.find(key)) }
  }

  /** The requests of a label, which outlive the key that it stands for. */
  labelled(label: string): Recorded {
    const tenant = this.#tenants.labelled(label)
    if (tenant !== undefined) return this.of(tenant.key)
    const requests = this.all().requests.filter(({ key }) => key === label)
    return { requests, complete: this.#isComplete(undefined) }
  }

  /** Drops the requests of a key, or of all keys. Open requests are dropped as well. */
  clear(key?: string): void {
    if (key !== undefined) {
      this.#records.clear(key)
      this.#tenants.find(key)?.forgetRequests()
      return
    }
    this.#records.clearAll()
    this.#lost = 0
    for (const each of this.#tenants.all()) each.forgetRequests()
  }

  /** Drops what a lower limit leaves no room for. */
  trim(): void {
    this.#records.trim(this.#limit())
  }

  /** Once requests were lost, some of them may have been those of a key that has been forgotten. */
  #isComplete(tenant: Tenant | undefined): boolean {
    return tenant === undefined ? this.#lost === 0 || !this.#tenants.hasForgotten : tenant.activity.lost === 0
  }
}
