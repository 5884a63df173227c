import { basePath } from "../vendor/api.ts"
import type { Core, MockServerEvent } from "../vendor/core.ts"
import type { JournalEntry } from "../journal/journal-entry.ts"
import type { Tenant } from "../tenant/tenants.ts"
import { version } from "../values/version.ts"
import { accountOf } from "./account-state.ts"
import { feedLimits, watchedAccount } from "./watched.ts"
import type { WatchedAccount, WatchEvents } from "./watched.ts"

/** Balances that move by themselves are looked at this often. */
const lookMillis = 1000

const message = <Name extends keyof WatchEvents>(event: Name, data: WatchEvents[Name]): string =>
  `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`

/** What a watcher sees of an account, as one text to compare. The time is left out, because it always differs. */
const looksOf = ({ clock, limit, points: _points, ...others }: WatchedAccount): string =>
  JSON.stringify([others, clock.frozen, limit === null ? null : Math.floor(limit.tokens)])

const watched = (tenant: Tenant): WatchedAccount => {
  const account = watchedAccount(accountOf(tenant, tenant.label), tenant.ledger.history(tenant.clock.now()))
  const [, mark] = /^mock_[^.]*\.(.{1,100})/is.exec(tenant.key) ?? []
  return mark === undefined ? account : { ...account, mark }
}

/** A ring of the last requests: each new one takes the place of the oldest. */
class RecentRequests {
  readonly #places: Array<JournalEntry | undefined>
  readonly #untold = new Set<number>()
  #lastId = 0

  constructor(entries: ReadonlyArray<JournalEntry>) {
    this.#places = Array.from({ length: feedLimits.requests })
    for (const entry of entries.slice(-feedLimits.requests)) this.put(entry)
  }

  /** Keeps the latest state of a request, unless newer requests have taken its place or it was dropped. */
  put(entry: JournalEntry): void {
    const { id } = entry
    const place = id % feedLimits.requests
    if (id > this.#lastId) this.#lastId = id
    else if (this.#places[place]?.id !== id) return
    this.#places[place] = entry
    this.#untold.add(place)
  }

  /** Drops the requests of a key, or all of them. */
  drop(key: string | null): void {
    for (const [place, entry] of this.#places.entries()) {
      if (key === null || entry?.key === key) this.#places[place] = undefined
    }
  }

  all(): ReadonlyArray<JournalEntry> {
    this.#untold.clear()
    return this.#at(this.#places.keys())
  }

  untold(): ReadonlyArray<JournalEntry> {
    const untold = this.#at(this.#untold)
    this.#untold.clear()
    return untold
  }

  #at(places: Iterable<number>): ReadonlyArray<JournalEntry> {
    return [...places].flatMap((place) => this.#places[place] ?? []).toSorted((a, b) => a.id - b.id)
  }
}

/**
 * What one watcher has not been told yet: the latest state of each request and account that has changed. However much
 * happens before the watcher reads again, the feed holds no more than the last {@link feedLimits} of each.
 */
export class Feed {
  readonly #core: Core
  readonly #unsubscribe: () => void
  readonly #recent: RecentRequests
  /**
   * How each account looked when the watcher was last told of it; empty if the account has changed since. The account
   * that changed last is at the end.
   */
  #looks = new Map<string, string>()
  #isStale = true
  #isTouched = false
  #lookedAt = 0

  constructor(core: Core) {
    this.#core = core
    this.#recent = new RecentRequests(core.journal.all().requests)
    this.#unsubscribe = core.events.subscribe((event) => this.#note(event))
  }

  /** Ends the subscription. */
  end(): void {
    this.#unsubscribe()
  }

  /** What has happened since the last call, as server-sent events. `now` is the system's time. */
  take(now: number): string | undefined {
    if (this.#isStale) return this.#takeState(now)
    const requests = this.#recent.untold()
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
        this.#recent.put(event.request)
        if (event.request.key !== null) this.#touch(event.request.key)
        break
      case "account":
        this.#touch(event.key)
        break
      case "cleared":
      case "reset":
        this.#recent.drop(event.key)
        this.#isStale = true
        break
      case "settings":
        this.#isStale = true // There may be room for fewer keys.
        break
    }
  }

  #touch(label: string): void {
    this.#isTouched = true
    this.#looks.delete(label) // So that `set` puts it at the end.
    this.#looks.set(label, "")
    // Many are dropped at once: a map whose first entries were deleted one by one is slow to find its first one.
    if (this.#looks.size >= feedLimits.accounts * 4) this.#trimLooks()
  }

  #trimLooks(): void {
    this.#looks = new Map([...this.#looks].slice(-feedLimits.accounts))
  }

  #takeState(now: number): string {
    const { tenants } = this.#core
    const accounts = [...tenants.all()].slice(-feedLimits.accounts).map(watched)
    this.#looks = new Map(accounts.map((account) => [account.label, looksOf(account)]))
    this.#isStale = false
    this.#isTouched = false
    this.#lookedAt = now
    return message("state", { version, basePath, keys: tenants.size, accounts, requests: this.#recent.all() })
  }

  #takeAccounts(now: number): ReadonlyArray<WatchedAccount> {
    this.#isTouched = false
    this.#lookedAt = now
    this.#trimLooks()
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
