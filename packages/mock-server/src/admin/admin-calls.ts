import type { Expectations } from "../journal/expectations.ts"
import type { Recorded } from "../journal/journal.ts"
import type { AccountInput } from "../settings/account-options.ts"
import type { Settings } from "../settings/options.ts"
import type { BalancePoint } from "../values/books.ts"
import type { MockServerEvent } from "../vendor/core.ts"
import type {
  Account,
  AccountList,
  AdvanceInput,
  ClockState,
  JumpInput,
  PlanInput,
  PlanState,
  RecordedSummary,
  RecordedVerification,
  RequestFilter,
  RequestList,
  RequestQuery,
  SettingsInput,
  SpendInput,
  TopUpInput
} from "./types.ts"

/** The form in which a method returns its answer, such as a promise: `type`, where `this["Answer"]` is the answer. */
export interface ResultKind {
  readonly Answer: unknown
  readonly type: unknown
}

/** The result of a method that answers with `Answer`. */
export type Result<Kind extends ResultKind, Answer> = (Kind & { readonly Answer: Answer })["type"]

/** Every call of the admin API. A key is the key itself, or the label that stands for it. */
export interface AdminCalls<Kind extends ResultKind> {
  /** The keys that the server remembers, the one that was used last at the end: 100 unless told. */
  readonly accounts: (query?: { readonly limit?: number | undefined }) => Result<Kind, AccountList>
  /** The books, the plan, the limit and the clock of a key. */
  readonly account: (key: string) => Result<Kind, Account>
  /** Opens the books of a key anew, and sets its limit and its profile. Its plan and its clock stay. */
  readonly setAccount: (key: string, input: AccountInput) => Result<Kind, Account>
  /** Spends credits. The same id again changes nothing; more than the balance changes nothing and is a 409. */
  readonly spend: (key: string, input: SpendInput) => Result<Kind, Account>
  /** Grants credits, which also raises the total. The same id again changes nothing. */
  readonly topUp: (key: string, input: TopUpInput) => Result<Kind, Account>
  /** The balance before and after each of the last hundred movements, and now. */
  readonly history: (key: string) => Result<Kind, { readonly points: ReadonlyArray<BalancePoint> }>
  /** The steps that are left of the plan of a key. */
  readonly plan: (key: string) => Result<Kind, PlanState>
  /** Sets the steps that the next requests of a key get. The last one repeats. */
  readonly setPlan: (key: string, input: PlanInput) => Result<Kind, PlanState>
  /** The time of a key. */
  readonly clock: (key: string) => Result<Kind, ClockState>
  /** Stops the clock of a key. Jumps ahead first, where it is told how far. */
  readonly freeze: (key: string, input?: JumpInput) => Result<Kind, ClockState>
  /**
   * Moves the clock of a key ahead, frozen or not. What is due by then happens: delays, refills, drains and expiries.
   */
  readonly advance: (key: string, input: AdvanceInput) => Result<Kind, ClockState>
  /** Lets the clock of a key run on from where it stands. Jumps ahead first, where it is told how far. */
  readonly resume: (key: string, input?: JumpInput) => Result<Kind, ClockState>
  /** The requests on record, the newest last, and how many there are. A limit returns only the newest. */
  readonly requests: (query?: RequestQuery) => Result<Kind, RequestList>
  /** How many requests on record match. */
  readonly countRequests: (filter?: RequestFilter) => Result<Kind, { readonly count: number }>
  /** The requests on record that match, the newest last, and whether the journal still has all of them. */
  readonly findRequests: (filter?: RequestFilter) => Result<Kind, Recorded>
  /** What the requests of a key say about its client. */
  readonly summarize: (query: { readonly key: string }) => Result<Kind, RecordedSummary>
  /**
   * Whether the requests of a key are what was expected, and if not, what came instead. It fails if the journal has
   * dropped some of them.
   */
  readonly verify: (
    input: { readonly key: string; readonly expect: Expectations }
  ) => Result<Kind, RecordedVerification>
  /** Forgets the requests of a key, or all of them. Plans, books and clocks stay. */
  readonly clearRequests: (query?: { readonly key?: string | undefined }) => Result<Kind, void>
  /**
   * Resets a key, or all of them, to the configuration: books, plans, limits, clocks and requests. The settings stay.
   */
  readonly reset: (query?: { readonly key?: string | undefined }) => Result<Kind, void>
  /** The settings. */
  readonly settings: () => Result<Kind, Settings>
  /**
   * Changes the settings that are named. Keys that are known already keep their books and their limits. The new
   * settings apply to keys that are seen from then on, and to every answer.
   */
  readonly setSettings: (input: SettingsInput) => Result<Kind, Settings>
  /** Whether the server runs. */
  readonly health: () => Result<Kind, { readonly status: "ok" }>
  /** Whether the server takes requests. */
  readonly ready: () => Result<Kind, { readonly status: "ready" }>
  /** Which version of the server it is. */
  readonly version: () => Result<Kind, { readonly version: string }>
}

export interface Promised extends ResultKind {
  readonly type: Promise<this["Answer"]>
}

/**
 * Sets what each key gets, and asks what it did: the HTTP admin API as methods, with the same checks. Each rejects with
 * an `AdminError` whose `status`, `code` and `issues` are those of the HTTP answer.
 */
export interface Admin extends AdminCalls<Promised> {
  /**
   * Calls the listener for every request as it arrives and ends, and for every change. The returned function stops
   * that.
   */
  readonly subscribe: (listener: (event: MockServerEvent) => void) => () => void
}

export type CallName = keyof AdminCalls<Promised>
