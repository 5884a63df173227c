/** A point in time by both clocks of a machine, because neither clock is right in every case. */
import type * as Clock from "effect/Clock"

export interface Moment {
  /** Milliseconds since 1970. Goes back when the clock is corrected. */
  readonly wall: number
  /** Goes forward only, but on most systems stands still while the machine is suspended. */
  readonly nanos: bigint
}

export const now = (clock: Clock.Clock): Moment => ({
  wall: clock.currentTimeMillisUnsafe(),
  nanos: clock.monotonicTimeNanosUnsafe()
})

/**
 * Milliseconds since `since`, by the clock that says more: the monotonic clock stands still while a machine is
 * suspended, and the wall clock may be set back. A wall clock that was set forward looks like a suspension, and costs
 * one unneeded reading.
 */
export const elapsedMillis = (since: Moment, clock: Clock.Clock): number =>
  Math.max(
    clock.currentTimeMillisUnsafe() - since.wall,
    Number(clock.monotonicTimeNanosUnsafe() - since.nanos) / 1_000_000
  )
