/**
 * The books of a budget, and how a hold is put into them and taken out. Each change updates totals and orders, so that
 * later no operation has to sum, sort or walk all holds.
 *
 * A hold is the part of the balance that one reservation may spend. Its phases:
 *
 * ```
 * waiting ──admit──▶ active ──settle──▶ spent ──a later reading──▶ gone
 *    │                 │ ▲ └─release──▶ gone
 *    └─▶ gone    lease │ │ renew
 *        (release,     ▼ │
 *         lease)      lost ──a later reading──▶ gone
 * ```
 *
 * An operator can free a hold in any phase.
 */
import type { Identity } from "./loss.ts"
import { type Mark, shift, type Tallies, type Total } from "./tallies.ts"
import * as trails from "./trail.ts"
import { none, type Units, units } from "./units.ts"

/** Milliseconds. */
export interface Rules {
  /**
   * How long a hold lives without a renewal by its machine. It must be the same for all machines that use the books.
   */
  readonly lease: number
  /** A reading shows a charge for certain only if it was requested at least this long after the charge. */
  readonly lag: number
}

export interface Hold extends Mark {
  readonly phase: "waiting" | "active" | "spent" | "lost"
  readonly amount: Units
  /**
   * The units that limits count for this hold, unless it waits. More than `amount` if a reading has already shown a
   * part of the charge.
   */
  readonly counted: Units
  /** Waiting: the place in the line. Spent and lost: a reading must have a higher number to show what became of it. */
  readonly seq: number
  /** Milliseconds. Waiting and active: the end of the lease. Spent and lost: when it became so. */
  readonly at: number
}

export interface State extends Identity {
  /** The reading that was requested last, of those that have arrived. */
  reading: { readonly seq: number; readonly at: number; readonly available: Units } | undefined
  readonly holds: Map<string, Hold>
  /** The sum of all holds that do not wait. */
  reserved: Units
  /** The part of `reserved` under each label. */
  readonly byLabel: Map<string, Units>
  /** The sum of all holds that wait. */
  waiting: Units
  /** Ids of waiting holds, in the order of their places. */
  readonly line: Set<string>
  /** Ids of holds that wait or are active, in the order in which their leases end. */
  readonly leases: Set<string>
  /**
   * Ids of spent and of lost holds, in the order in which they became so. A reading always shows the first ones of
   * each.
   */
  readonly spent: Set<string>
  readonly lost: Set<string>
  /** Ids that an operator has freed, and when. A renewal does not bring them back. */
  readonly freed: Map<string, number>
  readonly tallies: Tallies
  /** The trail of these books. If it belongs to earlier books, it is ignored. */
  trail: trails.Trail
}

export const empty = (): State => ({
  name: "",
  server: "",
  open: false,
  why: "new",
  namedAt: 0,
  seq: 0,
  now: 0,
  clock: 0,
  wall: 0,
  reading: undefined,
  holds: new Map(),
  reserved: none,
  byLabel: new Map(),
  waiting: none,
  line: new Set(),
  leases: new Set(),
  spent: new Set(),
  lost: new Set(),
  freed: new Map(),
  tallies: new Map(),
  trail: trails.anew("")
})

/** What is held, as metrics show it. */
export interface Reserved {
  readonly all: Units
  /** The units reserved under each label of the operation. */
  readonly byLabel: ReadonlyMap<string, Units>
}

export const reservedOf = ({ byLabel, reserved }: State, labels: Iterable<string | undefined>): Reserved => ({
  all: reserved,
  byLabel: new Map(
    Array.from(labels).flatMap((label) => label === undefined ? [] : [[label, byLabel.get(label) ?? none]])
  )
})

/** The trail of these books. */
export const follow = (state: State): trails.Trail => {
  if (state.trail.of !== state.name) state.trail = trails.anew(state.name)
  return state.trail
}

/** The part of a hold that limits count. */
export const totalOf = (hold: Hold | undefined): Total => ({
  all: hold === undefined || hold.phase === "waiting" ? none : hold.counted,
  held: hold?.phase === "active" ? hold.counted : none
})

const count = (state: State, mark: Mark, before: Total, after: Total): void =>
  shift(
    state.tallies,
    mark,
    { all: units(after.all - before.all), held: units(after.held - before.held) },
    state.wall
  )

const nothing = totalOf(undefined)

/** Limits still count what a reading has shown, and no longer count what was released. */
export const drop = (state: State, id: string, isShown = false): void => {
  const hold = state.holds.get(id)
  if (hold === undefined) return
  if (!isShown) count(state, hold, totalOf(hold), nothing)
  remove(state, id, hold)
}

const reserve = (state: State, { label }: Mark, amount: number): void => {
  state.reserved = units(state.reserved + amount)
  if (label === undefined) return
  const left = units((state.byLabel.get(label) ?? 0) + amount)
  if (left === none) state.byLabel.delete(label)
  else state.byLabel.set(label, left)
}

const remove = (state: State, id: string, hold: Hold): void => {
  state.holds.delete(id)
  if (hold.phase === "waiting") state.waiting = units(state.waiting - hold.amount)
  else reserve(state, hold, -hold.amount)
  for (const order of [state.line, state.leases, state.spent, state.lost]) order.delete(id)
}

/** A hold goes to the end of each order that it belongs to, but keeps its place in the line. */
export const put = (state: State, id: string, hold: Hold): void => {
  const before = state.holds.get(id)
  count(state, hold, totalOf(before), totalOf(hold))
  if (before !== undefined && hold.phase === "waiting" && state.line.has(id)) {
    state.waiting = units(state.waiting - before.amount)
    state.leases.delete(id)
  } else if (before !== undefined) remove(state, id, before)
  state.holds.set(id, hold)
  if (hold.phase === "waiting") state.waiting = units(state.waiting + hold.amount)
  else reserve(state, hold, hold.amount)
  if (hold.phase === "waiting") state.line.add(id)
  if (hold.phase === "waiting" || hold.phase === "active") state.leases.add(id)
  else state[hold.phase].add(id)
}

/** Milliseconds for which freed ids are remembered. A machine that is silent for longer could restore its hold. */
export const freedFor = 86_400_000

/**
 * Frees a hold for an operator, and returns it. Its job goes on: if the job states a charge, that is held again until a
 * reading shows it, as for every hold that is gone. Limits still count the stated charge.
 */
export const free = (state: State, id: string): Hold | undefined => {
  const hold = state.holds.get(id)
  if (hold === undefined) return undefined
  drop(state, id, hold.phase === "spent")
  if (hold.phase !== "waiting") trails.gone(follow(state), hold.amount, false)
  for (const [other, at] of state.freed) {
    if (at <= state.now - freedFor) state.freed.delete(other)
  }
  state.freed.set(id, state.now)
  return hold
}
