/** A vendor for one key: a balance that jobs draw on, read with a latency, a lag and failures. Time is the test's. */
import { CreditBalance, PolloCredits, type PolloError } from "@effect-pollo/client"
import { Clock, Effect, Layer } from "effect"

export interface Ledger {
  readonly layer: Layer.Layer<PolloCredits>
  readonly spend: (credits: number) => Effect.Effect<void>
  readonly topUp: (credits: number) => Effect.Effect<void>
  readonly balance: () => number
  /** The lowest balance that a spend has left. */
  readonly lowest: () => number
}

export interface Reading {
  /** Milliseconds from the request until the balance is looked up. */
  readonly before: number
  /** Milliseconds from then until the answer is there. */
  readonly after: number
  /** How old the balance is that is looked up, in milliseconds. */
  readonly lag: number
  readonly error?: PolloError | undefined
}

/** Reading n is served as `reading(n)` says, from 0. */
export const make = (initial: number, reading: (number: number) => Reading): Ledger => {
  let balance = initial
  let lowest = Number.POSITIVE_INFINITY
  let readings = 0
  const past: Array<readonly [at: number, balance: number]> = []

  const change = (credits: number) =>
    Effect.map(Clock.currentTimeMillis, (now) => {
      // In hundredths, or the test's own sums would drift.
      balance = Math.round((balance + credits) * 100) / 100
      if (credits < 0) lowest = Math.min(lowest, balance)
      past.push([now, balance])
    })

  const getBalance = Effect.gen(function*() {
    const { after, before, error, lag } = reading(readings++)
    yield* Effect.sleep(before)
    const at = (yield* Clock.currentTimeMillis) - lag
    const availableCredits = past.findLast(([since]) => since <= at)?.[1] ?? initial
    yield* Effect.sleep(after)
    if (error !== undefined) return yield* Effect.fail(error)
    return new CreditBalance({ availableCredits, totalCredits: 1000 })
  })

  return {
    layer: Layer.succeed(PolloCredits, PolloCredits.of({ getBalance })),
    spend: (credits) => change(-credits),
    topUp: change,
    balance: () => balance,
    lowest: () => lowest
  }
}
