/** A point in time by both clocks of a machine, because neither is to be trusted for everything. */
import type * as Clock from "effect/Clock"

export interface Moment {
  /** Milliseconds since 1970. Goes back when the clock is put right. */
  readonly wall: number
  /** Goes forward only, but on most systems stands still while the machine is suspended. */
  readonly nanos: bigint
}

export const now = (clock: Clock.Clock): Moment => ({
  wall: clock.currentTimeMillisUnsafe(),
  nanos: clock.monotonicTimeNanosUnsafe()
})

/**
 * Milliseconds since then, by the clock that says more: a suspended machine has slept that long, and a wall clock that
 * was set back has not. Setting it forward looks like a suspension, and costs no more than a reading too many.
 */
export const elapsedMillis = (since: Moment, clock: Clock.Clock): number =>
  Math.max(
    clock.currentTimeMillisUnsafe() - since.wall,
    Number(clock.monotonicTimeNanosUnsafe() - since.nanos) / 1_000_000
  )
