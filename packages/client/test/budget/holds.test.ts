import { PolloConfigError } from "@effect-pollo/client"
import { CreditBudget } from "@effect-pollo/client/CreditBudget"
import { PolloCreditsTest } from "@effect-pollo/client/testing"
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect, Exit, Fiber, Layer, Logger, Metric, Scope } from "effect"
import { TestClock } from "effect/testing"

const budget = Layer.provideMerge(CreditBudget.layer(), PolloCreditsTest.layer(100))
const at = (millis: number) => DateTime.makeUnsafe(millis)
const wait = { for: "1 hour", pollEvery: "1 minute" } as const

const freedCount = Effect.map(
  Metric.snapshot,
  (snapshots) =>
    snapshots.filter(({ id }) => id === "pollo.budget.freed").map(({ attributes, state }) => [
      attributes?.at,
      "count" in state && state.count
    ])
)

describe("holds", () => {
  it.effect("are all that is held or waited for, the oldest first, with their phase and age", () =>
    Effect.gen(function*() {
      assert.deepEqual(yield* CreditBudget.holds, [])
      yield* CreditBudget.withReservation(10)(Effect.void)
      yield* TestClock.adjust("1 second")
      yield* CreditBudget.reserve(30.5, { label: "team a" })
      yield* TestClock.adjust("1 second")
      const waiting = yield* Effect.forkChild(CreditBudget.withReservation(80, { wait })(Effect.void))
      yield* TestClock.adjust(0)
      const holds = yield* CreditBudget.holds
      assert.deepEqual(
        holds.map(({ credits, label, machine, phase, since }) => ({ label, phase, credits, since, machine })),
        [
          { label: "team a", phase: "active", credits: 30.5, since: at(1000), machine: "memory" },
          { label: undefined, phase: "waiting", credits: 80, since: at(2000), machine: "memory" }
        ],
        "the reading for the second has shown what the first was charged"
      )
      assert.strictEqual(new Set(holds.map(({ id }) => id)).size, 2)
      yield* Fiber.interrupt(waiting)
      assert.deepEqual((yield* CreditBudget.holds).map(({ phase }) => phase), ["active"])
    }).pipe(Effect.scoped, Effect.provide(budget)))

  it.effect("are spent once the job has said what was charged", () =>
    Effect.gen(function*() {
      yield* CreditBudget.withReservation(10)(({ settle }) => settle(2.5))
      assert.deepInclude((yield* CreditBudget.holds)[0], { phase: "spent", credits: 2.5 })
    }).pipe(Effect.provide(budget)))
})

describe("free", () => {
  const only = Effect.flatMap(
    CreditBudget.holds,
    ([hold]) => hold === undefined ? Effect.die("nothing is held") : Effect.succeed(hold)
  )
  const status = CreditBudget.status

  it.effect("gives the credits to others, and the job goes on", () =>
    Effect.gen(function*() {
      const scope = yield* Scope.make()
      const reservation = yield* Scope.provide(CreditBudget.reserve(80), scope)
      const hold = yield* only
      assert.deepEqual(yield* CreditBudget.free(hold.id), hold)
      assert.deepEqual(yield* CreditBudget.holds, [])
      yield* CreditBudget.withReservation(100)(Effect.fail("not charged")).pipe(Effect.flip)

      // What it says later counts as it always does: until a reading shows it.
      yield* reservation.settle(60)
      assert.deepInclude(yield* only, { id: hold.id, phase: "spent", credits: 60 })
      yield* PolloCreditsTest.answer(40)
      yield* reservation.settle(70)
      assert.deepInclude(yield* status, { reserved: 70, reservations: 1 })
      yield* CreditBudget.withReservation(0)(Effect.void)
      assert.deepInclude(yield* status, { reserved: 0, reservations: 0 })
      yield* reservation.settle(75)
      assert.deepInclude(yield* status, { reserved: 5 }, "only what no reading has shown")
      yield* Scope.close(scope, Exit.void)
    }).pipe(Effect.provide(budget)))

  it.effect("leaves nothing behind of a job that was not charged", () =>
    Effect.gen(function*() {
      yield* Effect.flip(
        CreditBudget.withReservation(80)(
          Effect.andThen(Effect.flatMap(only, ({ id }) => CreditBudget.free(id)), Effect.fail("refused"))
        )
      )
      assert.deepInclude(yield* status, { reserved: 0, reservations: 0 })
    }).pipe(Effect.provide(budget)))

  it.effect("holds the whole cost of a job that does not say what was charged", () =>
    Effect.gen(function*() {
      yield* CreditBudget.withReservation(80)(Effect.flatMap(only, ({ id }) => CreditBudget.free(id)))
      assert.deepInclude(yield* status, { reserved: 80, reservations: 1 })
    }).pipe(Effect.provide(budget)))

  it.effect("ends the wait of a reservation with its last refusal, and others move up", () =>
    Effect.gen(function*() {
      const large = yield* Effect.forkChild(Effect.flip(CreditBudget.reserve(101, { wait })))
      yield* TestClock.adjust("1 second")
      const small = yield* Effect.forkChild(CreditBudget.reserve(30, { wait }))
      yield* TestClock.adjust("1 second")
      const [first] = yield* CreditBudget.holds
      assert.deepInclude(yield* CreditBudget.free(first?.id ?? ""), { phase: "waiting", credits: 101 })
      assert.deepInclude(yield* Fiber.join(large), { _tag: "InsufficientCredits", required: 101, available: 100 })
      yield* TestClock.adjust(0)
      assert.strictEqual((yield* Fiber.join(small)).cost, 30)
    }).pipe(Effect.scoped, Effect.provide(budget)))

  it.effect("returns nothing for an unknown id, and refuses an invalid one", () =>
    Effect.gen(function*() {
      assert.isUndefined(yield* CreditBudget.free("memory.0"))
      const refused = yield* Effect.flip(CreditBudget.free(null as never))
      assert.instanceOf(refused, PolloConfigError)
      assert.strictEqual(refused.field, "id")
      assert.deepEqual(yield* freedCount, [])
    }).pipe(
      Effect.provide(budget),
      Effect.provideServiceEffect(Metric.MetricRegistry, Effect.sync(() => new Map()))
    ))

  it.effect("is logged and counted", () => {
    const messages: Array<unknown> = []
    const logger = Logger.make(({ logLevel, message }) => void messages.push(logLevel, message))
    return Effect.gen(function*() {
      yield* CreditBudget.reserve(80)
      const { id } = yield* only
      yield* CreditBudget.free(id)
      assert.deepEqual(messages, ["Warn", [`the hold ${id} of 80 credits (active) was freed by an operator`]])
      assert.deepEqual(yield* freedCount, [["operator", 1]])
    }).pipe(
      Effect.scoped,
      Effect.provide([budget, Logger.layer([logger])]),
      Effect.provideServiceEffect(Metric.MetricRegistry, Effect.sync(() => new Map()))
    )
  })
})
