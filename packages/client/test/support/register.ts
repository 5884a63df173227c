/** What a store is told of holds and what came of them, to be compared with limits. */
import { Effect } from "effect"
import { covers, type Named } from "../../src/internal/budget/limits.ts"
import type { BudgetStore } from "../../src/internal/budget/store.ts"

interface Kept {
  readonly label: string | undefined
  /** When it was admitted, by the store. */
  readonly since: number
  /** What was said to have been charged. */
  settled: number
}

export interface Register {
  /** The same store, observed. */
  readonly observe: (store: BudgetStore) => BudgetStore
  /** The most that was settled in a period under such a limit, in units. */
  readonly most: (limit: Named) => number
}

export const make = (): Register => {
  const holds = new Map<string, Kept>()
  const labels = new Map<string, string | undefined>()
  return {
    observe: (store) => ({
      ...store,
      admit: (admission) => {
        for (const { id, label } of admission.asks) labels.set(id, label)
        return Effect.tap(store.admit(admission), ({ admitted, short, since }) =>
          Effect.sync(() => {
            const asked = admission.asks.filter((_, index) => short[index] === undefined).map(({ id }) => id)
            for (const id of [...admitted, ...asked]) {
              // The answer to the first admission may have been lost.
              if (!holds.has(id)) holds.set(id, { label: labels.get(id), since, settled: 0 })
            }
          }))
      },
      settle: (id, amount, ...rest) =>
        Effect.tap(store.settle(id, amount, ...rest), () =>
          Effect.sync(() => {
            const kept = holds.get(id)
            if (kept !== undefined) kept.settled = amount
          })),
      release: (ids) =>
        Effect.tap(store.release(ids), () =>
          Effect.sync(() => {
            for (const kept of ids.flatMap((id) => holds.get(id) ?? [])) kept.settled = 0
          }))
    }),
    most: (limit) => {
      const periods = new Map<number, number>()
      for (const { label, settled, since } of holds.values()) {
        if (!covers(limit, label)) continue
        const start = Math.floor(since / limit.every)
        periods.set(start, (periods.get(start) ?? 0) + settled)
      }
      return Math.max(0, ...periods.values())
    }
  }
}
