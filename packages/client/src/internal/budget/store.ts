/** Where the books of a budget are kept: the seam between the budget and its stores, and the store in memory. */
import type * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { BudgetStoreError } from "../../BudgetStoreError.ts"
import type { Entry } from "./entry.ts"
import { empty, free, type Reserved, reservedOf } from "./holds.ts"
import { type Limit, name, standing } from "./limits.ts"
import { enter, unknown } from "./loss.ts"
import type { Books } from "./operator.ts"
import * as books from "./state.ts"
import type { Mark } from "./tallies.ts"
import type { Unexplained } from "./trail.ts"
import * as turns from "./turn.ts"
import type { Units } from "./units.ts"

/** What the store has decided. */
export interface Decision extends Omit<books.Decision, "more" | "unexplained"> {
  /** Whether the answer is too old for a job to start by it: the leases may be as good as over. */
  readonly isLate: () => boolean
}

export type Admission = Omit<books.Admission, "machine" | "most" | "limits">

/**
 * Each operation is atomic. A failure means that the store could not be asked, and leaves open whether the operation
 * was or will be done; every operation may be repeated.
 */
export interface BudgetStore extends Books {
  /** An id for a hold, which no other machine gives and this one gives once. */
  readonly nextId: () => string
  readonly begin: Effect.Effect<books.Ticket, BudgetStoreError>
  readonly takeTurn: turns.TakeTurn
  readonly admit: (admission: Admission) => Effect.Effect<Decision, BudgetStoreError>
  /** Yields all that is reserved afterwards, as does `release`. */
  readonly settle: (id: string, amount: Units, stated: Units, mark: Mark) => Effect.Effect<Reserved, BudgetStoreError>
  readonly release: (ids: ReadonlyArray<string>) => Effect.Effect<Reserved, BudgetStoreError>
  /** Sets who is told. */
  readonly listen: (listener: Listener) => void
}

export interface Listener {
  /** An operator has freed these holds; some may be places in the line that this store was asked to keep. */
  readonly freed: (ids: ReadonlyArray<string>) => Effect.Effect<void>
  /** A reading that this store was asked to decide by has shown it. */
  readonly unexplained: (found: Unexplained) => Effect.Effect<void>
}

export const nobody: Listener = { freed: () => Effect.void, unexplained: () => Effect.void }

/** Holds in memory die with their holder: their leases do not end, and the books are never lost. */
export const memory = (lag: number, clock: Clock.Clock, limits: ReadonlyArray<Limit> = []): BudgetStore => {
  const state = empty()
  const rules: books.Rules = { lease: Number.POSITIVE_INFINITY, lag }
  const caller = {
    server: "memory",
    fresh: "memory",
    waited: "",
    known: unknown,
    newBooks: "open"
  } as const
  const come = () => {
    const monotonic = Number(clock.monotonicTimeNanosUnsafe()) / 1_000_000
    enter(state, { ...caller, clock: monotonic, wall: clock.currentTimeMillisUnsafe() })
  }
  const atomically = <A>(operation: () => A | undefined): Effect.Effect<A> =>
    Effect.suspend(() => {
      come()
      const result = operation()
      return result === undefined ? Effect.die("books in memory are never closed") : Effect.succeed(result)
    })

  come()
  name(state, limits)

  let ids = 0
  let listener = nobody
  return {
    nextId: () => `memory.${ids++}`,
    listen: (to) => {
      listener = to
    },
    holds: atomically(() => Array.from(state.holds, ([id, hold]): Entry => ({ id, ...hold }))),
    free: (id) =>
      atomically(() => {
        const hold = free(state, id)
        return { entry: hold && { id, ...hold }, reserved: reservedOf(state, [hold?.label]) }
      }).pipe(Effect.tap(() => listener.freed([id]))),
    begin: atomically(() => books.begin(state)),
    takeTurn: () => Effect.succeed(turns.ask),
    admit: Effect.fnUntraced(function*(admission) {
      const decision = yield* atomically(() =>
        books.admit(state, rules, { ...admission, machine: "memory", most: Number.POSITIVE_INFINITY, limits })
      )
      if (decision.unexplained !== undefined) yield* listener.unexplained(decision.unexplained)
      return { ...decision, isLate: () => false }
    }),
    settle: (id, amount, stated, mark) => atomically(() => books.settle(state, id, amount, stated, mark)),
    release: (ids) => atomically(() => books.release(state, ids)),
    totals: atomically(() => ({
      available: state.reading?.available,
      reserved: state.reserved,
      waiting: state.waiting,
      reservations: state.holds.size - state.line.size,
      limits: limits.map((limit) => standing(state, limit))
    }))
  }
}
