/** The mock server's ledger as a `PolloCredits`: no server and no wire in between, and time is the test's. */
import { CreditBalance, PolloCredits, type PolloError } from "@effect-pollo/client"
import { Clock, Effect, Layer } from "effect"
import { Ledger as Books } from "../../../mock-server/src/values/ledger.ts"

export interface Ledger {
  readonly layer: Layer.Layer<PolloCredits>
  readonly spend: (credits: number) => Effect.Effect<void>
  readonly topUp: (credits: number) => Effect.Effect<void>
  readonly balance: () => number
  /** The lowest balance that a spend has left, or would have left if it had not been refused for missing credits. */
  readonly lowest: () => number
}

export interface Reading {
  /** Milliseconds from the request until the balance is looked up. */
  readonly before: number
  /** Milliseconds from then until the answer is there. */
  readonly after: number
  readonly error?: PolloError | undefined
}

/** Reading n is served as `reading(n)` says, from 0. Spends show after `lagMillis`. */
export const make = (initial: number, lagMillis: number, reading: (number: number) => Reading): Ledger => {
  const books = new Books({ availableCredits: initial, totalCredits: initial, lagMillis }, 0)
  let latest = 0
  let lowest = Number.POSITIVE_INFINITY
  let readings = 0
  const at = <A>(operation: (now: number) => A) =>
    Effect.map(Clock.currentTimeMillis, (now) => {
      latest = now
      return operation(now)
    })
  const balance = () => books.state(latest).availableCredits

  const getBalance = Effect.gen(function*() {
    const { after, before, error } = reading(readings++)
    yield* Effect.sleep(before)
    const reported = yield* at((now) => books.reported(now))
    yield* Effect.sleep(after)
    if (error !== undefined) return yield* Effect.fail(error)
    return new CreditBalance(reported)
  })

  return {
    layer: Layer.succeed(PolloCredits, PolloCredits.of({ getBalance })),
    spend: (credits) =>
      at((now) => {
        const outcome = credits === 0 ? "done" : books.spend({ credits }, now)
        if (credits > 0) lowest = Math.min(lowest, outcome === "done" ? balance() : Number.NEGATIVE_INFINITY)
      }),
    topUp: (credits) => Effect.asVoid(at((now) => credits === 0 ? "done" : books.topUp({ credits }, now))),
    balance,
    lowest: () => lowest
  }
}
