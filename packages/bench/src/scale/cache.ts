/** The cost of a stored reading, compared with effect's own ways to store one. */
import { CreditBalance, PolloCredits } from "@effect-pollo/client"
import { BalanceCache } from "@effect-pollo/client/BalanceCache"
import { Effect, Layer, ManagedRuntime, Ref } from "effect"
import { atMost, type Section, show } from "../report.ts"
import { median } from "../statistics.ts"

const balance = new CreditBalance({ availableCredits: 42, totalCredits: 100 })

export const cache = async (quick: boolean): Promise<Section> => {
  let requests = 0
  const credits = Layer.succeed(PolloCredits, {
    getBalance: Effect.andThen(Effect.sleep("20 millis"), Effect.sync(() => (requests++, balance)))
  })
  const runtime = ManagedRuntime.make(
    BalanceCache.layer({ timeToLive: "1 hour", staleIfError: "1 hour" }).pipe(Layer.provideMerge(credits))
  )
  const gets = quick ? 50_000 : 200_000
  const micros = async <A, E>(effect: Effect.Effect<A, E, BalanceCache>): Promise<number> => {
    const loop = Effect.gen(function*() {
      for (let n = 0; n < gets; n++) yield* effect
    })
    const rounds: Array<number> = []
    for (let round = 0; round < 6; round++) {
      const started = performance.now()
      await runtime.runPromise(loop)
      if (round > 0) rounds.push((performance.now() - started) * 1000 / gets)
    }
    return median(rounds)
  }
  const readers = 10_000
  const together = Effect.all(Array.from({ length: readers }, () => BalanceCache.get), { concurrency: "unbounded" })
  await runtime.runPromise(together)
  const shared = requests
  const cached = await runtime.runPromise(Effect.cachedWithTTL(Effect.succeed(balance), "1 hour"))
  const bar = await micros(Ref.get(Ref.makeUnsafe(balance)))
  const rows = [
    ["`Ref.get`", bar],
    ["`Effect.cachedWithTTL`", await micros(cached)],
    ["**`BalanceCache.get`**, fresh", await micros(BalanceCache.get)]
  ] as const
  await runtime.dispose()
  return {
    title: "The cache",
    text: `${readers} fibers that ask an empty cache at once cause ${shared} request. A reading in store costs:`,
    columns: ["", "to `Ref.get`", "µs"],
    rows: rows.map(([name, taken]) => [name, show(taken / bar), taken.toFixed(3)]),
    gates: [atMost("requests of 10,000 readers at once", shared, 1)]
  }
}
