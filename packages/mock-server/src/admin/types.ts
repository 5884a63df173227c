import type { MockServerEvent } from "../vendor/core.ts"
import type { BalancePoint } from "../values/books.ts"
import type { LedgerState } from "../values/ledger.ts"
import type { Limit } from "../values/limiter.ts"
import type { JournalEntry } from "../journal/journal-entry.ts"
import type { AccountInput } from "../settings/accounts.ts"
import type { Profile, Settings } from "../settings/options.ts"
import type { MockServerOptions } from "../settings/settings.ts"
import type { Summary } from "../journal/summary.ts"
import type { Expectations } from "../journal/expectations.ts"
import type { Recorded } from "../journal/journal.ts"
import type { Verification } from "../journal/verify.ts"

/** A key's books, plan, limit and clock, now. Credits have at most two decimals; times are on the key's clock. */
export interface Account extends LedgerState {
  /** The key as the caller wrote it. */
  readonly key: string
  /** What stands for the key in the journal, and wherever else it is shown. Every call takes it in place of the key. */
  readonly label: string
  /** How the key is answered, whatever the profile of the server; missing where the server's holds. */
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
  /** Lets it happen later. One that is beyond the balance by then changes nothing. */
  readonly inMillis?: number | undefined
}

export interface TopUpInput extends SpendInput {
  /** When what is left of these credits expires, from when they are there. Without it they never do. */
  readonly expiresInMillis?: number | undefined
}

export interface PlanInput {
  /** As in a key: `["503_x2", "ok"]`. The last one repeats. */
  readonly steps: ReadonlyArray<string>
}

export interface PlanState {
  /** The steps that are left. */
  readonly steps: ReadonlyArray<string>
  /** The one that the next request gets. */
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

/** Which requests. What is named must match; `step` also matches by its other names. */
export interface RequestFilter {
  readonly key?: string | undefined
  readonly status?: number | undefined
  readonly step?: string | undefined
  readonly method?: string | undefined
  readonly path?: string | undefined
}

export interface RequestQuery {
  readonly key?: string | undefined
  /** No more than the newest so many. */
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
  /** The one that was used last comes last. Keys are the labels that stand for them. */
  readonly accounts: ReadonlyArray<Account>
}

/** Which settings to change; those that are not named stay as they are. */
export type SettingsInput = Omit<MockServerOptions, "accounts" | "adminToken">

/**
 * Sets what each key gets, and asks what it did: the HTTP admin API as methods, with the same checks. Each rejects with
 * an `AdminError` whose `status`, `code` and `issues` are those of the HTTP answer. A key is the key itself, or the label
 * that stands for it.
 */
export interface Admin {
  /** The keys that the server remembers: the last 100 that were used, unless told. */
  readonly accounts: (query?: { readonly limit?: number | undefined }) => Promise<AccountList>
  readonly account: (key: string) => Promise<Account>
  /** Opens the key's books anew, and sets its limit. Its plan and its clock stay. */
  readonly setAccount: (key: string, input: AccountInput) => Promise<Account>
  /** Rejects with 409 when it is beyond the balance, which then does not change. */
  readonly spend: (key: string, input: SpendInput) => Promise<Account>
  readonly topUp: (key: string, input: TopUpInput) => Promise<Account>
  /** The balance before and after each of the last hundred movements, and now. */
  readonly history: (key: string) => Promise<{ readonly points: ReadonlyArray<BalancePoint> }>
  readonly plan: (key: string) => Promise<PlanState>
  /** Takes the place of what is left of the plan. */
  readonly setPlan: (key: string, input: PlanInput) => Promise<PlanState>
  readonly clock: (key: string) => Promise<ClockState>
  readonly freeze: (key: string, input?: JumpInput) => Promise<ClockState>
  /** Jumps ahead, and wakes what was due meanwhile: delays, refills, drains, expiries. */
  readonly advance: (key: string, input: AdvanceInput) => Promise<ClockState>
  readonly resume: (key: string, input?: JumpInput) => Promise<ClockState>
  readonly requests: (query?: RequestQuery) => Promise<RequestList>
  readonly countRequests: (filter?: RequestFilter) => Promise<{ readonly count: number }>
  readonly findRequests: (filter?: RequestFilter) => Promise<Recorded>
  /** What the requests of a key say about its client. */
  readonly summarize: (query: { readonly key: string }) => Promise<Summary & { readonly complete: boolean }>
  /** Whether the requests of a key are what was expected, and if not, what came instead. */
  readonly verify: (
    input: { readonly key: string; readonly expect: Expectations }
  ) => Promise<Verification & { readonly complete: boolean }>
  /** Forgets the requests of a key, or all of them; plans, books and clocks stay. */
  readonly clearRequests: (query?: { readonly key?: string | undefined }) => Promise<void>
  /** Begins anew: a key, or all of them, with their books, plans, limits, clocks and requests. */
  readonly reset: (query?: { readonly key?: string | undefined }) => Promise<void>
  readonly settings: () => Promise<Settings>
  /** Reaches keys that are seen from then on, and every answer. */
  readonly setSettings: (input: SettingsInput) => Promise<Settings>
  readonly health: () => Promise<{ readonly status: "ok" }>
  readonly ready: () => Promise<{ readonly status: "ready" }>
  readonly version: () => Promise<{ readonly version: string }>
  /** Is told of every request as it arrives and ends, and of every change. The function that comes back ends that. */
  readonly subscribe: (listener: (event: MockServerEvent) => void) => () => void
}
