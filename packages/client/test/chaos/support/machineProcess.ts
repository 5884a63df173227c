/**
 * A machine as a process of its own, which can be stopped and killed: asks for credits once, and prints `started` when
 * its job starts, and `ended` with the reason when it does not.
 */
import { CreditBudget } from "@effect-pollo/client/CreditBudget"
import { CreditBudgetRedis } from "@effect-pollo/client/CreditBudgetRedis"
import { PolloCreditsTest } from "@effect-pollo/client/testing"
import { NodeRedis } from "@effect/platform-node"
import { Effect, Layer, Logger } from "effect"

export interface Orders {
  readonly url: string
  readonly lease: number
  readonly credits: number
  /** Milliseconds that a reading takes. It prints `reading` as one begins: the second is that of its job. */
  readonly readingTakes?: number
}

const { credits, lease, readingTakes = 0, url }: Orders = JSON.parse(process.argv[2] ?? "{}")

const reading = () => {
  console.log("reading")
  return PolloCreditsTest.delay(readingTakes, 100)
}

const program = Effect.gen(function*() {
  // Loads every script into Redis.
  yield* CreditBudget.withReservation(0)(Effect.void)
  return yield* CreditBudget.withReservation(credits)(
    Effect.andThen(Effect.sync(() => console.log("started")), Effect.never)
  )
}).pipe(
  Effect.provide(
    CreditBudgetRedis.layer({ account: "a", lease, newBooks: "open" }).pipe(
      Layer.provide([PolloCreditsTest.layer(reading), NodeRedis.layer({ url })]),
      Layer.provideMerge(Logger.layer([]))
    )
  )
)

console.log(`ended ${JSON.stringify(await Effect.runPromiseExit(program))}`)
process.exit(0)
