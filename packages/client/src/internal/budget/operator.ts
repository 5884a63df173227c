/** What an operator sees of a budget, and may do to it. */
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import type { BudgetStoreError } from "../../BudgetStoreError.ts"
import type { Operator } from "../../CreditReservation.ts"
import * as check from "../options.ts"
import { type Entry, toHold } from "./entry.ts"
import type { Reserved } from "./holds.ts"
import * as status from "./status.ts"
import * as telemetry from "./telemetry.ts"

/** The part of the store that needs no machine: nothing here asks for credits or holds them. */
export interface Books {
  readonly totals: Effect.Effect<status.Totals, BudgetStoreError>
  readonly holds: Effect.Effect<ReadonlyArray<Entry>, BudgetStoreError>
  readonly free: (id: string) => Effect.Effect<Freed, BudgetStoreError>
}

export interface Freed {
  /** The hold that was freed; absent if there was none. */
  readonly entry: Entry | undefined
  /** What is reserved afterwards. */
  readonly reserved: Reserved
}

/** `freed` runs after a hold was freed, with what is reserved then. */
export const make = (
  books: Books,
  freed: (reserved: Reserved) => Effect.Effect<void> = () => Effect.void
): Operator => ({
  status: Effect.map(books.totals, status.of),
  holds: Effect.map(
    books.holds,
    (entries) =>
      entries.map(toHold).toSorted((one, other) =>
        one.since.epochMilliseconds - other.since.epochMilliseconds || (one.id < other.id ? -1 : 1)
      )
  ),
  free: Effect.fnUntraced(function*(id) {
    const { entry, reserved } = yield* books.free(yield* Effect.fromResult(check.text("id", id)))
    if (entry === undefined) return undefined
    const hold = toHold(entry)
    yield* Effect.logWarning(`the hold ${hold.id} of ${hold.credits} credits (${hold.phase}) was freed by an operator`)
    yield* Metric.update(telemetry.freedBy("operator"), 1)
    yield* freed(reserved)
    return hold
  })
})
