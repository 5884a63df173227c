import manifest from "../../package.json" with { type: "json" }
import { basePath } from "../api.ts"
import type { Core, MockServerEvent } from "../core.ts"
import type { JournalEntry } from "../journal.ts"
import type { BalancePoint } from "../books.ts"
import type { Tenant } from "../tenants.ts"
import { accountOf } from "./account.ts"
import type { Account } from "./types.ts"

/** An account, and how its balance came about. */
export interface WatchedAccount extends Account {
  /** The last points of its history. */
  readonly points: ReadonlyArray<BalancePoint>
}

/** Accounts that have changed, and how many keys the server remembers. */
export interface WatchedAccounts {
  readonly keys: number
  readonly accounts: ReadonlyArray<WatchedAccount>
}

/** What there is to know at first, and again whenever something was dropped or begun anew. */
export interface WatchedState extends WatchedAccounts {
  readonly version: string
  /** Where the API lives under the server's url. */
  readonly basePath: string
  /** The newest ones, the newest last. */
  readonly requests: ReadonlyArray<JournalEntry>
}

/** What the stream of events says, by the name of the event. */
export interface WatchEvents {
  readonly state: WatchedState
  /** Those that arrived or ended. */
  readonly requests: { readonly requests: ReadonlyArray<JournalEntry> }
  readonly accounts: WatchedAccounts
}

/** How much of a server one watcher is shown, whatever happens on it. */
export const feedLimits = { requests: 200, accounts: 50, points: 60 } as const

/** Balances that move by themselves are looked at this often. */
const lookMillis = 1000

const message = <Name extends keyof WatchEvents>(event: Name, data: WatchEvents[Name]): string =>
  `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`

/** All that a watcher sees of an account. The time itself is left out: it moves on its own. */
const looksOf = ({ clock, limit, points: _points, ...others }: WatchedAccount): string =>
  JSON.stringify([others, clock.frozen, limit === null ? null : Math.floor(limit.tokens)])

const watched = (tenant: Tenant): WatchedAccount => ({
  ...accountOf(tenant, tenant.label),
  points: tenant.ledger.history(tenant.clock.now()).slice(-feedLimits.points)
})

/**
 * What one watcher has not been told yet. However much happens before they listen again, it holds no more than
 * {@link feedLimits}: of each request and account only the latest state, and of those only the last.
 */
export class Feed {
  readonly #core: Core
  readonly #unsubscribe: () => void
  /** In the order in which they arrived. */
  readonly #recent: Map<number, JournalEntry>
  readonly #untold = new Set<number>()
  /** How each account looked when it was last told of; empty for one that has changed since. */
  readonly #looks = new Map<string, string>()
  #lastId: number
  #isStale = true
  #isTouched = false
  #lookedAt = 0

  constructor(core: Core) {
    const entries = core.journal.entries()
    this.#core = core
    this.#recent = new Map(entries.slice(-feedLimits.requests).map((entry) => [entry.id, entry]))
    this.#lastId = entries.at(-1)?.id ?? 0
    this.#unsubscribe = core.events.subscribe((event) => this.#note(event))
  }

  /** Ends the subscription. */
  end(): void {
    this.#unsubscribe()
  }

  /** What has happened since the last call, as server-sent events. `now` is the system's time. */
  take(now: number): string | undefined {
    if (this.#isStale) return this.#takeState(now)
    const requests = this.#takeRequests()
    const accounts = this.#isTouched || now - this.#lookedAt >= lookMillis ? this.#takeAccounts(now) : []
    const told = [
      ...(requests.length > 0 ? [message("requests", { requests })] : []),
      ...(accounts.length > 0 ? [message("accounts", { keys: this.#core.tenants.size, accounts })] : [])
    ]
    return told.length > 0 ? told.join("") : undefined
  }

  #note(event: MockServerEvent): void {
    switch (event.type) {
      case "request":
        this.#noteRequest(event.request)
        break
      case "account":
        this.#touch(event.key)
        break
      case "cleared":
      case "reset":
        for (const { id, key } of this.#recent.values()) {
          if (event.key === null || event.key === key) this.#recent.delete(id)
        }
        this.#isStale = true
        break
      case "settings":
        this.#isStale = true // There may be room for fewer keys.
        break
    }
  }

  #noteRequest(request: JournalEntry): void {
    const { id, key } = request
    if (key !== null) this.#touch(key)
    if (id > this.#lastId) this.#lastId = id
    else if (!this.#recent.has(id)) return // It has made room for newer ones meanwhile.
    this.#recent.set(id, request)
    this.#untold.add(id)
    const [oldest] = this.#recent.keys()
    if (this.#recent.size <= feedLimits.requests || oldest === undefined) return
    this.#recent.delete(oldest)
    this.#untold.delete(oldest)
  }

  #touch(label: string): void {
    this.#isTouched = true
    this.#looks.delete(label) // It goes to the end: the one that was touched last is kept longest.
    this.#looks.set(label, "")
    const [first] = this.#looks.keys()
    if (this.#looks.size > feedLimits.accounts && first !== undefined) this.#looks.delete(first)
  }

  #takeState(now: number): string {
    const { tenants } = this.#core
    const accounts = [...tenants.all()].slice(-feedLimits.accounts).map(watched)
    this.#looks.clear()
    for (const account of accounts) this.#looks.set(account.label, looksOf(account))
    this.#untold.clear()
    this.#isStale = false
    this.#isTouched = false
    this.#lookedAt = now
    const { version } = manifest
    return message("state", { version, basePath, keys: tenants.size, accounts, requests: [...this.#recent.values()] })
  }

  #takeRequests(): ReadonlyArray<JournalEntry> {
    const requests = [...this.#untold].flatMap((id) => this.#recent.get(id) ?? [])
    this.#untold.clear()
    return requests
  }

  #takeAccounts(now: number): ReadonlyArray<WatchedAccount> {
    this.#isTouched = false
    this.#lookedAt = now
    return [...this.#looks].flatMap(([label, before]) => {
      const tenant = this.#core.tenants.labelled(label)
      if (tenant === undefined) {
        this.#looks.delete(label)
        return []
      }
      const account = watched(tenant)
      const after = looksOf(account)
      if (after === before) return []
      this.#looks.set(label, after)
      return [account]
    })
  }
}
