/**
 * Unexplained spending: whether the balance has fallen by more than the jobs of the budget say.
 *
 * Let `V` be the balance of a reading, `R` all credits whose holds have gone with a reading so far, and `H` all that is
 * held when the reading arrives. A charge takes credits from `V`; until a reading shows it, its hold is in `H`, and
 * from then on in `R`. So `V + R + H` never falls as long as jobs say at least what they were charged, and nobody else
 * spends: it is never below the `V + R` of a reading that shows an earlier balance. `W` is the largest of these. When
 * `V + R + H < W`, the difference is what nobody explains, and `W` is lowered by it, so that it is told once.
 *
 * Which of two readings shows the earlier balance is certain only when one had arrived at least the vendor's lag before
 * the other was requested, so the latest ones wait until they count. What is told is taken off them too: they may show
 * the balance of before, and would tell it again.
 *
 * What is held hides as much, since it may have been charged; so do credits that came in (a top-up, a refund) and
 * credits that a job said more than it was charged. Nobody knows what a job was charged that was lost with its machine,
 * or that an operator freed. Its credits are in `R`, as a charge may show at any time, and raise `W` never.
 */
import { none, type Units, units } from "./units.ts"

/** The level of a reading: `V + R`. */
export interface Level {
  readonly value: Units
  /** When the reading was requested, by the time of the books. */
  readonly at: number
}

/** A level that does not count yet. */
export interface Recent extends Level {
  /** The counter and the time of the books when it arrived. */
  readonly seq: number
  readonly arrived: number
}

export interface Trail {
  /** The name of the books. Books with another name begin a new trail. */
  readonly of: string
  /** `R`. */
  gone: Units
  /** The part of `R` that raises no level. */
  unsure: Units
  /** `W`, and the reading that was that high; absent before a reading counts. */
  top: Level | undefined
  /** The recent levels in the order in which they arrived, each higher than those before. */
  recent: ReadonlyArray<Recent>
}

/** The most recent levels that are kept. Beyond that, a new level replaces the last one. */
const mostRecent = 32

export const anew = (of: string): Trail => ({ of, gone: none, unsure: none, top: undefined, recent: [] })

/** Notes that a hold is gone which was not released. */
export const gone = (trail: Trail, amount: Units, isSure: boolean): void => {
  trail.gone = units(trail.gone + amount)
  if (!isSure) trail.unsure = units(trail.unsure + amount)
}

export interface Unexplained {
  readonly amount: Units
  /** Milliseconds from the request of the earlier reading to the arrival of this one. */
  readonly span: number
}

export interface Arrival {
  readonly reading: { readonly seq: number; readonly at: number; readonly available: Units }
  /** The counter and the time of the books. */
  readonly seq: number
  readonly now: number
  /** `H`, without what went with the reading. */
  readonly held: Units
  readonly lag: number
}

/** Called when a reading comes into use, before it admits a job. */
export const compare = (trail: Trail, { held, lag, now, reading, seq }: Arrival): Unexplained | undefined => {
  const counting = trail.recent.filter((level) => level.seq < reading.seq && level.arrived + lag <= reading.at)
  const { at, value } = counting.at(-1) ?? { at: 0, value: none }
  if (counting.length > 0 && (trail.top === undefined || value > trail.top.value)) trail.top = { value, at }
  trail.recent = trail.recent.slice(counting.length)

  const level = units(reading.available + trail.gone + held)
  const missing = trail.top === undefined ? 0 : trail.top.value - level
  const unexplained = trail.top === undefined || missing <= 0
    ? undefined
    : { amount: units(missing), span: now - trail.top.at }
  if (unexplained !== undefined) {
    trail.top = { value: level, at: reading.at }
    trail.recent = trail.recent.map((recent) => ({ ...recent, value: units(recent.value - missing) }))
  }

  const own = units(reading.available + trail.gone - trail.unsure)
  const highest = trail.recent.at(-1) ?? trail.top
  if (highest === undefined || own > highest.value) {
    const before = trail.recent.slice(0, mostRecent - 1)
    trail.recent = [...before, { value: own, at: reading.at, seq, arrived: now }]
  }
  return unexplained
}
