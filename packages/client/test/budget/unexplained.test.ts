import type { PolloCredits } from "@effect-pollo/client"
import { CreditBudget } from "@effect-pollo/client/CreditBudget"
import { CreditBudgetRedis } from "@effect-pollo/client/CreditBudgetRedis"
import { PolloCreditsTest } from "@effect-pollo/client/testing"
import { NodeRedis } from "@effect/platform-node"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { DateTime, Effect, Layer, Logger, Metric, type Scope, Stream } from "effect"
import { Redis } from "effect/persistence"
import { TestClock } from "effect/testing"
import { createHash } from "node:crypto"
import { redisAvailable, type RedisServer, startRedis } from "../support/redisServer.ts"
import * as before from "../support/scripts010.ts"

type Budget = CreditBudget["Service"]

/** What a budget tells of from now on. */
const listen = Effect.fnUntraced(function*(budget: Budget) {
  const heard: Array<CreditBudget.Unexplained> = []
  yield* budget.unexplained.pipe(Stream.runForEach((found) => Effect.sync(() => heard.push(found))), Effect.forkScoped)
  yield* TestClock.adjust(0)
  return heard
})
/** One reading, and time for what it shows to be heard. */
const readings = (budget: Budget) => Effect.tap(budget.withReservation(0)(Effect.void), TestClock.adjust(0))
const credits = (heard: ReadonlyArray<CreditBudget.Unexplained>) => heard.map(({ credits }) => credits)

const counted = Effect.map(
  Metric.snapshot,
  (snapshots) =>
    snapshots.flatMap(({ id, state }) => id === "pollo.budget.unexplained" && "count" in state ? [state.count] : [])
)
const fresh = Effect.provideServiceEffect(Metric.MetricRegistry, Effect.sync(() => new Map()))

describe("unexplained", () => {
  it.effect("tells what somebody else has spent, and between which readings, to all who listen, the log and a metric", () => {
    const messages: Array<unknown> = []
    const logger = Logger.make(({ logLevel, message }) => void messages.push(logLevel, message))
    return Effect.gen(function*() {
      const budget = yield* CreditBudget
      const [one, other] = [yield* listen(budget), yield* listen(budget)]
      yield* TestClock.adjust("1 second")
      yield* readings(budget)
      yield* TestClock.adjust("1 minute")
      yield* PolloCreditsTest.answer(87.5)
      yield* readings(budget)
      yield* readings(budget)
      const found = { credits: 12.5, between: DateTime.makeUnsafe(1000), and: DateTime.makeUnsafe(61_000) }
      assert.deepEqual([one, other], [[found], [found]])
      assert.deepEqual(messages, ["Warn", [
        "12.5 credits that no job of this budget explains were spent between 1970-01-01T00:00:01.000Z and 1970-01-01T00:01:01.000Z"
      ]])
      assert.deepEqual(yield* counted, [12.5])
    }).pipe(
      Effect.scoped,
      Effect.provide(CreditBudget.layer().pipe(Layer.provideMerge(PolloCreditsTest.layer(100)))),
      Effect.provide(Logger.layer([logger])),
      fresh
    )
  })

  it.effect("is heard through the budget in the context, and ends with it", () =>
    Effect.gen(function*() {
      const all = yield* CreditBudget.unexplained.pipe(Stream.runCollect, Effect.forkChild)
      yield* TestClock.adjust(0)
      assert.isUndefined(all.pollUnsafe())
      return all
    }).pipe(
      Effect.provide(CreditBudget.layer().pipe(Layer.provide(PolloCreditsTest.layer(100)))),
      Effect.tap(() => TestClock.adjust(0)),
      Effect.map((all) => assert.isDefined(all.pollUnsafe()))
    ))

  it.effect("says nothing of jobs, whatever becomes of them, nor of a top-up", () =>
    Effect.gen(function*() {
      const budget = yield* CreditBudget
      const heard = yield* listen(budget)
      yield* readings(budget)
      yield* budget.withReservation(30)(PolloCreditsTest.answer(70))
      yield* readings(budget)
      yield* budget.withReservation(30)(({ settle }) => Effect.andThen(PolloCreditsTest.answer(60), settle(10)))
      yield* readings(budget)
      yield* Effect.exit(budget.withReservation(30)(Effect.andThen(PolloCreditsTest.answer(30), Effect.die("broken"))))
      yield* readings(budget)
      yield* PolloCreditsTest.answer(500)
      yield* readings(budget)
      assert.deepEqual(heard, [])
      // A job that was charged and says that it was not is a stranger.
      yield* Effect.exit(budget.withReservation(30)(Effect.andThen(PolloCreditsTest.answer(470), Effect.fail("late"))))
      yield* readings(budget)
      assert.deepEqual(credits(heard), [30])
    }).pipe(
      Effect.scoped,
      Effect.provide([CreditBudget.layer().pipe(Layer.provideMerge(PolloCreditsTest.layer(100))), Logger.layer([])])
    ))

  it.effect("says nothing of a job whose hold an operator has freed", () =>
    Effect.gen(function*() {
      const budget = yield* CreditBudget
      const heard = yield* listen(budget)
      yield* readings(budget)
      const reservation = yield* budget.reserve(30)
      const [hold] = yield* budget.holds
      yield* budget.free(hold?.id ?? "")
      yield* PolloCreditsTest.answer(70)
      yield* readings(budget)
      yield* reservation.charged
      yield* readings(budget)
      assert.deepEqual(heard, [])
    }).pipe(
      Effect.scoped,
      Effect.provide([CreditBudget.layer().pipe(Layer.provideMerge(PolloCreditsTest.layer(100))), Logger.layer([])])
    ))

  it.effect("does not take a vendor that lags for a stranger", () =>
    Effect.gen(function*() {
      const budget = yield* CreditBudget
      const heard = yield* listen(budget)
      yield* readings(budget)
      yield* TestClock.adjust("1 minute")
      // A top-up is there already for one reading, and for the next not yet.
      for (const balance of [150, 100, 150]) {
        yield* PolloCreditsTest.answer(balance)
        yield* readings(budget)
        yield* TestClock.adjust("1 second")
      }
      assert.deepEqual(heard, [])
      yield* TestClock.adjust("1 minute")
      yield* PolloCreditsTest.answer(149)
      yield* readings(budget)
      assert.deepEqual(credits(heard), [1])
    }).pipe(
      Effect.scoped,
      Effect.provide([
        CreditBudget.layer({ chargeLag: "10 seconds" }).pipe(Layer.provideMerge(PolloCreditsTest.layer(100))),
        Logger.layer([])
      ])
    ))
})

describe.skipIf(!redisAvailable)("unexplained on Redis (needs redis-server on the PATH)", () => {
  let server: RedisServer
  beforeAll(async () => {
    server = await startRedis()
  })
  afterAll(() => server[Symbol.asyncDispose]())

  const redis = Layer.suspend(() => NodeRedis.layer({ url: server.url }))
  const machine = (account: string): Effect.Effect<Budget, unknown, PolloCredits | Scope.Scope> =>
    Effect.flatMap(
      Layer.build(CreditBudgetRedis.layer({ account, newBooks: "open" }).pipe(Layer.provide(redis))),
      (context) => Effect.provide(CreditBudget, context)
    )
  const silent = Logger.layer([])

  it.effect("is told once in a fleet, by the machine whose reading showed it", () =>
    Effect.gen(function*() {
      const [one, other] = [yield* machine("fleet"), yield* machine("fleet")]
      const [atOne, atOther] = [yield* listen(one), yield* listen(other)]
      yield* readings(one)
      yield* one.withReservation(30)(PolloCreditsTest.answer(70))
      yield* readings(other)
      assert.deepEqual([atOne, atOther], [[], []])
      yield* PolloCreditsTest.answer(45.5)
      yield* readings(other)
      yield* readings(one)
      yield* TestClock.adjust(0)
      assert.deepEqual([credits(atOne), credits(atOther)], [[], [24.5]])
      assert.deepEqual(yield* counted, [24.5])
    }).pipe(Effect.scoped, Effect.provide([PolloCreditsTest.layer(100), silent]), fresh))

  it.effect("begins anew after books that were lost, and after a machine of version 0.1.0, which keeps no trail", () =>
    Effect.gen(function*() {
      const key = `pollo-budget:${createHash("sha256").update("anew").digest("hex")}`
      const context = yield* Layer.build(redis)
      const one = yield* machine("anew")
      const heard = yield* listen(one)
      yield* readings(one)
      yield* Effect.provide(
        Redis.Redis.use((redis) => redis.eval(before.begin)({ key, known: "", lease: 30_000, lag: 0 })),
        context
      )
      yield* PolloCreditsTest.answer(60)
      yield* readings(one)
      assert.deepEqual(heard, [])
      yield* PolloCreditsTest.answer(50)
      yield* readings(one)
      yield* TestClock.adjust(0)
      assert.deepEqual(credits(heard), [10])
    }).pipe(Effect.scoped, Effect.provide([PolloCreditsTest.layer(100), silent])))
})
