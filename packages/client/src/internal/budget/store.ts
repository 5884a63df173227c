/** Where the books of a budget are kept: the seam between the budget and its stores, and the store in memory. */
import type * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { PolloError } from "../../PolloError.ts"
import * as books from "./state.ts"

/** A ticket of these books. Another epoch means that the store lost them and began anew. */
export interface Ticket extends books.Ticket {
  readonly epoch: string
}

export interface Admission extends books.Admission {
  readonly ticket: Ticket
}

/** In units. */
export interface Totals {
  readonly available: number | undefined
  readonly reserved: number
  readonly waiting: number
  readonly reservations: number
}

/**
 * Each operation is atomic. A failure means that the store could not be asked, and leaves open whether the operation
 * was or will be done; every operation may be repeated.
 */
export interface BudgetStore {
  readonly begin: Effect.Effect<Ticket, PolloError>
  readonly admit: (admission: Admission) => Effect.Effect<books.Decision, PolloError>
  /** Yields all that is reserved afterwards, as does `release`. */
  readonly settle: (id: string, amount: number, stated: number) => Effect.Effect<number, PolloError>
  readonly release: (ids: ReadonlyArray<string>) => Effect.Effect<number, PolloError>
  readonly totals: Effect.Effect<Totals, PolloError>
}

/** What a state adds up to. */
export const total = (state: books.State): Totals => {
  let waiting = 0
  let reservations = 0
  for (const hold of state.holds.values()) {
    if (hold.phase === "waiting") waiting += hold.amount
    else reservations += 1
  }
  return { available: state.reading?.available, reserved: books.reserved(state), waiting, reservations }
}

/** Holds in memory die with their holder, so their leases do not end. One clock tells all times. */
export const memory = (lag: number, clock: Clock.Clock): BudgetStore => {
  const state = books.empty()
  const rules: books.Rules = { lease: Number.POSITIVE_INFINITY, lag }
  const atomically = <A>(operation: (now: number) => A): Effect.Effect<A> =>
    Effect.sync(() => operation(Number(clock.monotonicTimeNanosUnsafe()) / 1_000_000))

  return {
    begin: atomically((now) => ({ epoch: "", ...books.begin(state, now) })),
    admit: (admission) => atomically((now) => books.admit(state, now, rules, admission)),
    settle: (id, amount, stated) => atomically((now) => books.settle(state, now, id, amount, stated)),
    release: (ids) => atomically((now) => books.release(state, now, ids)),
    totals: atomically(() => total(state))
  }
}
