/** What a reservation costs beside many open ones, and beside many that wait. */
import { CreditBalance, PolloCredits } from "@effect-pollo/client"
import { CreditBudget } from "@effect-pollo/client/CreditBudget"
import { Deferred, Effect, Fiber, Layer, ManagedRuntime } from "effect"
import { atMost, type Section, show } from "../report.ts"
import { median } from "../statistics.ts"

/** A vendor whose balance is always the same. */
export const creditsOf = (availableCredits: number) =>
  Layer.succeed(PolloCredits, {
    getBalance: Effect.succeed(new CreditBalance({ availableCredits, totalCredits: availableCredits }))
  })

export type BudgetRuntime = ManagedRuntime.ManagedRuntime<CreditBudget, unknown>

/** Opens that many reservations and keeps them open until `close`. */
export const openHolds = async (runtime: BudgetRuntime, holds: number) => {
  const gate = Deferred.makeUnsafe<void>()
  const all = Deferred.makeUnsafe<void>()
  let open = 0
  const job = CreditBudget.withReservation(1)(
    Effect.suspend(() => {
      if (++open === holds) Deferred.doneUnsafe(all, Effect.void)
      return Deferred.await(gate)
    })
  )
  const fiber = runtime.runFork(
    Effect.all(Array.from({ length: holds }, () => job), { concurrency: "unbounded", discard: true })
  )
  await runtime.runPromise(Effect.raceFirst(Deferred.await(all), Fiber.join(fiber)))
  return {
    close: async () => {
      Deferred.doneUnsafe(gate, Effect.void)
      await runtime.runPromise(Fiber.join(fiber))
    }
  }
}

/** Microseconds of one admission and one settlement. */
export const microsOfOne = async (runtime: BudgetRuntime, samples: number): Promise<number> => {
  const taken: Array<number> = []
  for (let sample = 0; sample < samples; sample++) {
    const started = performance.now()
    await runtime.runPromise(CreditBudget.withReservation(1)(Effect.void))
    taken.push((performance.now() - started) * 1000)
  }
  return median(taken)
}

/** Microseconds for each of that many waiters, of whom ten run at a time. */
const microsAWaiter = async (waiters: number): Promise<number> => {
  const runtime = ManagedRuntime.make(CreditBudget.layer().pipe(Layer.provide(creditsOf(10))))
  const job = CreditBudget.withReservation(1, { wait: { for: "10 minutes" } })((reservation) =>
    Effect.andThen(Effect.sleep("1 millis"), reservation.release)
  )
  const started = performance.now()
  await runtime.runPromise(
    Effect.all(Array.from({ length: waiters }, () => job), { concurrency: "unbounded", discard: true })
  )
  const taken = (performance.now() - started) * 1000 / waiters
  await runtime.dispose()
  return taken
}

export const budget = async (quick: boolean, progress: (text: string) => void): Promise<Section> => {
  const rows: Array<readonly [name: string, micros: number]> = []
  const manyHolds = quick ? 10_000 : 100_000
  for (const holds of [10, 1000, manyHolds]) {
    progress(`budget: ${holds} open holds`)
    const runtime = ManagedRuntime.make(CreditBudget.layer().pipe(Layer.provide(creditsOf(1e9))))
    await microsOfOne(runtime, 2000)
    const opened = await openHolds(runtime, holds)
    rows.push([`one more reservation beside ${holds} open ones`, await microsOfOne(runtime, 500)])
    await opened.close()
    await runtime.dispose()
  }
  const manyWaiters = quick ? 2000 : 10_000
  for (const waiters of [500, manyWaiters]) {
    progress(`budget: ${waiters} waiters`)
    await microsAWaiter(500)
    rows.push([`a waiter of ${waiters}, ten at a time`, await microsAWaiter(waiters)])
  }
  const [few = 0, , many = 0, short = 0, long = 0] = rows.map(([, micros]) => micros)
  return {
    title: "The budget in memory",
    text: "A reservation is an admission and a settlement. The vendor answers at once here.",
    columns: ["", "µs"],
    rows: rows.map(([name, micros]) => [name, show(micros)]),
    gates: [
      atMost(`a reservation beside ${manyHolds} open ones, to one beside 10`, many / few, 3),
      atMost(`a waiter of ${manyWaiters}, to one of 500`, long / short, 2)
    ]
  }
}
