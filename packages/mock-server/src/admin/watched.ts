import type { BalancePoint } from "../values/books.ts"
import type { JournalEntry } from "../journal/journal-entry.ts"
import type { Account } from "./types.ts"

// The page is built with this module, so it imports types alone.

/** An account with the history of its balance, and only the first of its steps. */
export interface WatchedAccount extends Account {
  /** How many more steps the plan has. */
  readonly moreSteps: number
  /**
   * What follows the dot of a `mock_` key, which is no secret: it tells the tests apart that use the same steps. Absent
   * for every other key.
   */
  readonly mark?: string
  /** The last points of its history. */
  readonly points: ReadonlyArray<BalancePoint>
}

/** Accounts that have changed, and how many keys the server remembers. */
export interface WatchedAccounts {
  readonly keys: number
  readonly accounts: ReadonlyArray<WatchedAccount>
}

/** The full state: sent first, and again whenever requests were dropped or keys were reset. */
export interface WatchedState extends WatchedAccounts {
  readonly version: string
  /** Where the API lives under the server's url. */
  readonly basePath: string
  /** The newest requests, the newest last. */
  readonly requests: ReadonlyArray<JournalEntry>
}

/** What the stream of events says, by the name of the event. */
export interface WatchEvents {
  readonly state: WatchedState
  /** The requests that arrived or ended. */
  readonly requests: { readonly requests: ReadonlyArray<JournalEntry> }
  readonly accounts: WatchedAccounts
}

/** How much of a server one watcher is shown at most. */
export const feedLimits = { requests: 200, accounts: 50, points: 60, steps: 6 } as const

/** An account as a watcher sees it. */
export const watchedAccount = (account: Account, history: ReadonlyArray<BalancePoint>): WatchedAccount => {
  const { reservedSteps } = account
  return {
    ...account,
    reservedSteps: reservedSteps.slice(0, feedLimits.steps),
    moreSteps: Math.max(0, reservedSteps.length - feedLimits.steps),
    points: history.slice(-feedLimits.points)
  }
}
