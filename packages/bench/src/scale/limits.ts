/** What two limits add to the cost of a reservation, in memory and on Redis. */
import { CreditBudget } from "@effect-pollo/client/CreditBudget"
import { CreditBudgetRedis } from "@effect-pollo/client/CreditBudgetRedis"
import { NodeRedis } from "@effect/platform-node"
import { Effect, Layer, ManagedRuntime } from "effect"
import { atMost, type Section, show } from "../report.ts"
import { median, spreadOf } from "../statistics.ts"
import { type BudgetRuntime, creditsOf } from "./budget.ts"
import { inScripts, redisAvailable, startRedis } from "./redis.ts"

const label = "team-a"
const limits = [{ credits: 1e9, every: "1 day", label }, { credits: 1e9, every: "1 hour" }] as const

/** Microseconds of one reservation, by what is measured before and after many of them. */
type Measure<R extends BudgetRuntime> = (
  runtime: R,
  reservations: Effect.Effect<void, unknown, CreditBudget>
) => Promise<number>

const elapsed: Measure<BudgetRuntime> = async (runtime, reservations) => {
  const started = performance.now()
  await runtime.runPromise(reservations)
  return (performance.now() - started) * 1000
}

/** Without limits and with them in turn, so that what slows the machine slows both. */
const compare = async <R extends BudgetRuntime>(
  [without, limited]: readonly [R, R],
  measure: Measure<R>,
  { rounds, samples }: { readonly rounds: number; readonly samples: number }
) => {
  const some = Effect.repeat(CreditBudget.withReservation(1, { label })(Effect.void), { times: samples - 1 })
  const taken: Array<readonly [without: number, limited: number]> = []
  for (const runtime of [without, limited]) await measure(runtime, Effect.asVoid(some))
  for (let round = 0; round < rounds; round++) {
    taken.push([
      await measure(without, Effect.asVoid(some)) / samples,
      await measure(limited, Effect.asVoid(some)) / samples
    ])
  }
  return {
    without: median(taken.map(([micros]) => micros)),
    limited: median(taken.map(([, micros]) => micros)),
    ratio: spreadOf(taken.map(([micros, more]) => more / micros))
  }
}

const inMemory = async (quick: boolean) => {
  const make = (options: CreditBudget.Options) =>
    ManagedRuntime.make(CreditBudget.layer(options).pipe(Layer.provide(creditsOf(1e9))))
  const runtimes = [make({}), make({ limits })] as const
  const compared = await compare(runtimes, elapsed, { rounds: quick ? 9 : 25, samples: 2000 })
  for (const runtime of runtimes) await runtime.dispose()
  return compared
}

const onRedis = async (quick: boolean) => {
  using server = await startRedis()
  const make = (account: string, options: CreditBudget.Options) =>
    ManagedRuntime.make(
      CreditBudgetRedis.layer({ ...options, account, lease: "1 hour", newBooks: "open" }).pipe(
        Layer.provide(creditsOf(1e9)),
        Layer.provideMerge(NodeRedis.layer({ url: server.url }))
      )
    )
  const runtimes = [make("without", {}), make("limited", { limits })] as const
  const compared = await compare(
    runtimes,
    async (runtime, reservations) => {
      const before = await runtime.runPromise(inScripts)
      await runtime.runPromise(reservations)
      return await runtime.runPromise(inScripts) - before
    },
    { rounds: quick ? 5 : 15, samples: 300 }
  )
  for (const runtime of runtimes) await runtime.dispose()
  return compared
}

export const budgetLimits = async (quick: boolean, progress: (text: string) => void): Promise<Section> => {
  progress("budget: limits")
  const measured = [
    ["in memory", await inMemory(quick)] as const,
    ...redisAvailable ? [["on Redis", await onRedis(quick)] as const] : []
  ]
  return {
    title: "Limits of the budget",
    text: "A reservation under a label, without limits and with two of them, one for the label and one for all: on the "
      + `clock in memory, and by the processor time of the server on Redis${
        redisAvailable ? "" : " (not on the PATH)"
      }.`,
    columns: ["", "µs without", "µs with two limits"],
    rows: measured.map(([where, { limited, without }]) => [where, show(without), show(limited)]),
    gates: measured.map(([where, { ratio }]) =>
      atMost(`a reservation with two limits, to one without, ${where}`, ratio, 1.5)
    )
  }
}
