import type { LedgerState } from "../values/ledger.ts"
import type { Limit } from "../values/limiter.ts"
import type { JournalEntry } from "../journal/journal-entry.ts"
import type { Profile } from "../settings/options.ts"
import type { MockServerOptions } from "../settings/settings.ts"
import type { Summary } from "../journal/summary.ts"
import type { Verification } from "../journal/verify.ts"

/** A key's books, plan, limit and clock, now. Credits have at most two decimals; times are on the key's clock. */
export interface Account extends LedgerState {
  /** The key as the caller wrote it. */
  readonly key: string
  /** What stands for the key in the journal, and wherever else it is shown. Every call takes it in place of the key. */
  readonly label: string
  /** The profile of this account; missing where the profile of the server applies. */
  readonly profile?: Profile
  /** `tokens` are the requests that would get through right now; `null` without a limit. */
  readonly limit: (Limit & { readonly tokens: number }) | null
  /** The steps that are left of the plan, `503_x2` for two of a kind. The last one repeats. */
  readonly reservedSteps: ReadonlyArray<string>
  /** The step that the next request gets. */
  readonly next: string
  readonly clock: ClockState
  /** How many requests the key has made. */
  readonly attempts: number
}

export interface SpendInput {
  /** More than 0, with at most two decimals. */
  readonly credits: number
  /** The same id again changes nothing. */
  readonly id?: string | undefined
  /** Delays the movement. A spend that is more than the balance by then changes nothing. */
  readonly inMillis?: number | undefined
}

export interface TopUpInput extends SpendInput {
  /** When the rest of these credits expires, counted from when they are granted. Without it they never expire. */
  readonly expiresInMillis?: number | undefined
}

export interface PlanInput {
  /** As in a key: `["503_x2", "ok"]`. The last one repeats. */
  readonly steps: ReadonlyArray<string>
}

export interface PlanState {
  /** The steps that are left. */
  readonly steps: ReadonlyArray<string>
  /** The step that the next request gets. */
  readonly next: string
}

export interface AdvanceInput {
  readonly millis: number
}

export interface JumpInput {
  /** How far to jump ahead first. Defaults to 0. */
  readonly millis?: number | undefined
}

export interface ClockState {
  /** Milliseconds since 1970. */
  readonly now: number
  readonly frozen: boolean
}

/** Which requests to return. Every field that is given must match; `step` also matches by its other names. */
export interface RequestFilter {
  readonly key?: string | undefined
  readonly status?: number | undefined
  readonly step?: string | undefined
  readonly method?: string | undefined
  readonly path?: string | undefined
}

export interface RequestQuery {
  readonly key?: string | undefined
  /** Only the newest ones, at most this many. */
  readonly limit?: number | undefined
}

export interface RequestList {
  /** How many there are on record, whatever the limit. */
  readonly total: number
  /** The newest comes last. */
  readonly requests: ReadonlyArray<JournalEntry>
}

export interface AccountList {
  /** How many keys the server remembers, whatever the limit. */
  readonly total: number
  /** The most recently used one comes last. Each `key` is the label that stands for the key. */
  readonly accounts: ReadonlyArray<Account>
}

/** Which settings to change; those that are not named stay as they are. */
export type SettingsInput = Omit<MockServerOptions, "accounts" | "adminToken">

/** What the requests of a key say about its client, and whether all of them are still on record. */
export interface RecordedSummary extends Summary {
  readonly complete: boolean
}

/**
 * Whether the expectations are met, and whether all requests asked about are still on record. If some are not, the
 * expectations count as not met.
 */
export interface RecordedVerification extends Verification {
  readonly complete: boolean
}
