/**
 * Limits on spending within a period: for which limits totals are kept, and whether a cost fits into the limits of a
 * machine.
 *
 * Why no period's settled credits exceed a limit, as long as no job costs more than it reserved: let `T` be the total
 * of a period, which counts each hold that was admitted in it by what it reserved, or by what was charged once that is
 * settled. Admission of `cost` asks for `T + cost <= credits`, in the same step in which it adds `cost` to `T`. After
 * that the part of a hold only shrinks: to what was charged, or to nothing when it is released. What was lost with its
 * machine keeps all of it. So `T <= credits` holds for ever, and what was settled is part of `T`. It takes totals that
 * lack nothing: those of books that were lost, and of a limit that was named in mid-period, say so until that ends.
 */
import { type State, totalOf } from "./holds.ts"
import { change, mostPeriods, startOf, type Tally, type Total } from "./tallies.ts"
import { none, type Units, units } from "./units.ts"

/** A limit for which totals are kept. */
export interface Named {
  /** The length of a period in milliseconds. */
  readonly every: number
  /** Without a label, the limit is for all spending. */
  readonly label: string | undefined
}

export interface Limit extends Named {
  /** The credits as the caller gave them, for messages. */
  readonly given: number
  readonly credits: Units
}

export const covers = (limit: Named, label: string | undefined): boolean =>
  limit.label === undefined || limit.label === label

/** A limit that stops a reservation, and its figures. */
export interface Stop {
  readonly limit: Limit
  readonly spent: Units
  /** The units that are held, plus those of earlier reservations that wait under the limit. */
  readonly reserved: Units
  /** Milliseconds since 1970: when the period ends. */
  readonly resetsAt: number
}

/** What is known of a limit now. */
export interface Standing extends Stop {
  /** Whether the total may miss spending, because the books or the limit are younger than the period. */
  readonly incomplete: boolean
}

/** Begins to keep totals for limits that no machine has named before, with all that is held. */
export const name = (state: State, limits: ReadonlyArray<Named>): void => {
  const { tallies, wall } = state
  for (const { every, label = "" } of limits) {
    const kept = tallies.get(label) ?? new Map<number, Tally>()
    tallies.set(label, kept)
    const known = kept.get(every)
    if (known === undefined) kept.set(every, newTally(state, every, label))
    else if (wall - known.named >= every) known.named = wall
    for (const [length, { named }] of kept) if (wall - named > mostPeriods * length) kept.delete(length)
  }
}

const newTally = (state: State, every: number, label: string): Tally => {
  const { wall } = state
  const tally: Tally = { since: wall, named: wall, periods: new Map() }
  for (const hold of state.holds.values()) {
    const total = totalOf(hold)
    const isUnder = label === "" || hold.label === label
    if (isUnder && total.all > none) change(tally, every, startOf(hold.since, every), total, wall)
  }
  return tally
}

const empty: Total = { all: none, held: none }

const totalNow = ({ tallies, wall }: State, { every, label = "" }: Named): Total =>
  tallies.get(label)?.get(every)?.periods.get(startOf(wall, every)) ?? empty

export const standing = (state: State, limit: Limit): Standing => {
  const { all, held } = totalNow(state, limit)
  const start = startOf(state.wall, limit.every)
  const since = Math.max(state.namedAt, state.tallies.get(limit.label ?? "")?.get(limit.every)?.since ?? state.wall)
  return { limit, spent: units(all - held), reserved: held, resetsAt: start + limit.every, incomplete: start < since }
}

/** A limit while one decision is made. */
interface Weighed {
  readonly limit: Limit
  readonly index: number
  readonly resetsAt: number
  /** The units of earlier reservations that are not admitted. */
  ahead: number
  /** Whether an earlier reservation does not fit. */
  isClosed: boolean
}

/** Compares costs with the limits of a machine, in the order in which reservations came. */
export interface Judge {
  /** The limits into which such a cost does not fit, or for which it must wait behind earlier reservations. */
  readonly stopping: (label: string | undefined, cost: Units) => ReadonlyArray<Weighed>
  /**
   * Notes a waiting reservation that these limits stop. It holds up all later reservations under one of them, and no
   * others.
   */
  readonly close: (stopping: ReadonlyArray<Weighed>, cost: Units) => void
  /** Notes a reservation that waits for another reason: its units stay reserved for it. */
  readonly keep: (label: string | undefined, cost: Units) => void
  /**
   * The limit for the error of a stopped reservation: the one whose period ends last, because waiting does not help
   * before that.
   */
  readonly report: (stopping: ReadonlyArray<Weighed>) => Stop | undefined
  /** The limits that stop a waiting reservation, with figures that leave out what waits. */
  readonly stops: () => ReadonlyArray<Stop>
}

export const judge = (state: State, limits: ReadonlyArray<Limit>): Judge => {
  const weighed = limits.map((limit, index): Weighed => ({
    limit,
    index,
    resetsAt: startOf(state.wall, limit.every) + limit.every,
    ahead: 0,
    isClosed: false
  }))
  // Node 20 has no `Map.groupBy`.
  const under = new Map<string, Array<Weighed>>()
  for (const each of weighed) under.set(each.limit.label ?? "", [...under.get(each.limit.label ?? "") ?? [], each])
  const forAll = under.get("") ?? []
  const over = (label: string | undefined) => label === undefined ? forAll : [...forAll, ...under.get(label) ?? []]
  const stop = ({ limit, resetsAt }: Weighed, ahead: number): Stop => {
    const { all, held } = totalNow(state, limit)
    return { limit, spent: units(all - held), reserved: units(held + ahead), resetsAt }
  }
  return {
    stopping: (label, cost) =>
      over(label).filter(({ ahead, isClosed, limit }) =>
        isClosed || totalNow(state, limit).all + ahead + cost > limit.credits
      ),
    close: (stopping, cost) => {
      for (const weighed of stopping) {
        weighed.isClosed = true
        weighed.ahead += cost
      }
    },
    keep: (label, cost) => {
      for (const weighed of over(label)) weighed.ahead += cost
    },
    report: (stopping) => {
      const last = stopping.toSorted((one, other) => other.resetsAt - one.resetsAt || one.index - other.index)[0]
      return last === undefined ? undefined : stop(last, last.ahead)
    },
    stops: () => weighed.filter(({ isClosed }) => isClosed).map((closed) => stop(closed, 0))
  }
}
