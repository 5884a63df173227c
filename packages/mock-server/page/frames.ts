import type { WatchedAccount, WatchedAccounts } from "../src/admin/watched.ts"
import type { JournalEntry } from "../src/journal/journal-entry.ts"
import { merge } from "./chart.ts"

interface Shown {
  readonly requests: (entries: ReadonlyArray<JournalEntry>) => void
  readonly accounts: (accounts: WatchedAccounts) => void
}

/**
 * Gathers what comes between two frames and shows it once, each request and each key in its latest state: a server
 * under load sends more in a second than a person can see and a browser can draw.
 */
export class Frames {
  readonly #shown: Shown
  readonly #entries = new Map<number, JournalEntry>()
  readonly #accounts = new Map<string, WatchedAccount>()
  #keys = 0
  #isAsked = false

  constructor(shown: Shown) {
    this.#shown = shown
  }

  addRequests(entries: ReadonlyArray<JournalEntry>): void {
    for (const entry of entries) this.#entries.set(entry.id, entry)
    this.#ask()
  }

  addAccounts({ accounts, keys }: WatchedAccounts): void {
    this.#keys = keys
    for (const account of accounts) {
      const points = merge(this.#accounts.get(account.label)?.points ?? [], account.points)
      this.#accounts.set(account.label, { ...account, points })
    }
    this.#ask()
  }

  /** Forgets what was gathered, because the server has sent its full state again. */
  clear(): void {
    this.#entries.clear()
    this.#accounts.clear()
  }

  #ask(): void {
    if (this.#isAsked) return
    this.#isAsked = true
    requestAnimationFrame(() => this.#show())
  }

  #show(): void {
    this.#isAsked = false
    const entries = [...this.#entries.values()]
    const accounts = [...this.#accounts.values()]
    this.clear()
    if (entries.length > 0) this.#shown.requests(entries)
    if (accounts.length > 0) this.#shown.accounts({ accounts, keys: this.#keys })
  }
}
