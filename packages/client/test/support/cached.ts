/** A cache over a scripted client, and what tests ask of it. */
import { BalanceCache } from "@effect-pollo/client/BalanceCache"
import { PolloCreditsTest } from "@effect-pollo/client/testing"
import { Effect, Layer } from "effect"

export const cached = (options: BalanceCache.Options, script?: PolloCreditsTest.Script) =>
  Effect.provide(BalanceCache.layer(options).pipe(Layer.provideMerge(PolloCreditsTest.layer(script))))

export const credits = Effect.map(BalanceCache.get, (reading) => reading.balance.availableCredits)
export const refreshed = Effect.map(BalanceCache.refresh, (reading) => reading.balance.availableCredits)

/** How each call of the client ended, or that it is still running. */
export const outcomes = Effect.map(PolloCreditsTest.calls, (calls) => calls.map((call) => call.outcome))
