/**
 * What was spent and is held under a label, or by all together, in each period: the totals that limits are compared
 * with. They are kept for every limit that a machine has named, with each change of a hold, and never summed.
 *
 * A period begins at a multiple of its length since 1970. Totals are kept by that beginning, so a clock that is set
 * meets the totals of the period it lands in, and a hold counts in the period of its admission alone.
 */
import { none, type Units, units } from "./units.ts"

export interface Total {
  /** Held, and spent. */
  readonly all: Units
  /** Of that, what jobs hold that run. */
  readonly held: Units
}

/** Totals for limits of one length, under one label or by all. */
export interface Tally {
  /** Milliseconds since 1970. Totals of periods that began before may lack something. */
  readonly since: number
  /** Milliseconds since 1970: about when a machine named such a limit last. */
  named: number
  /** By the beginnings of the periods. None is empty. */
  readonly periods: Map<number, Total>
}

/** By label, the empty one for all, and then by the length of the period in milliseconds. */
export type Tallies = Map<string, Map<number, Tally>>

/** What a hold counts under. */
export interface Mark {
  /** Whose spending it is, when that was said. */
  readonly label: string | undefined
  /** Milliseconds since 1970, by the server: when it was admitted, or while it waits, when it came. */
  readonly since: number
}

/** For how many periods totals are kept, and for how many a limit that nobody names. */
export const mostPeriods = 32

export const startOf = (at: number, every: number): number => Math.floor(at / every) * every

const between = (least: number, value: number, most: number): Units => units(Math.max(least, Math.min(value, most)))

/** `wall` is the time: the period that it is in is kept, however old the others make it. */
export const change = (tally: Tally, every: number, start: number, by: Total, wall: number): void => {
  const { periods } = tally
  const { all, held } = periods.get(start) ?? { all: none, held: none }
  const left = between(0, all + by.all, Number.MAX_SAFE_INTEGER)
  if (left === none) periods.delete(start)
  else periods.set(start, { all: left, held: between(0, held + by.held, left) })
  if (periods.size <= mostPeriods) return
  const current = startOf(wall, every)
  periods.delete(Math.min(...[...periods.keys()].filter((start) => start !== current)))
}

/** Changes each total that such a hold is part of. */
export const shift = (tallies: Tallies, { label, since }: Mark, by: Total, wall: number): void => {
  if (tallies.size === 0 || (by.all === none && by.held === none)) return
  for (const whose of label === undefined ? [""] : ["", label]) {
    for (const [every, tally] of tallies.get(whose) ?? []) change(tally, every, startOf(since, every), by, wall)
  }
}
