import { CreditBudget } from "@effect-pollo/client/CreditBudget"
import { CreditBudgetRedis } from "@effect-pollo/client/CreditBudgetRedis"
import { PolloCreditsTest } from "@effect-pollo/client/testing"
import { NodeRedis } from "@effect/platform-node"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Layer, Logger, Metric, Scope } from "effect"
import { Redis } from "effect/persistence"
import { TestClock } from "effect/testing"
import { createHash } from "node:crypto"
import { redisAvailable, type RedisServer, startRedis } from "../support/redisServer.ts"
import * as before from "../support/scripts010.ts"

const keyOf = (account: string) => `pollo-budget:${createHash("sha256").update(account).digest("hex")}`
const phases = (holds: ReadonlyArray<CreditBudget.Hold>) => holds.map(({ credits, phase }) => `${phase} ${credits}`)

describe.skipIf(!redisAvailable)("an operator of a fleet's budget (needs redis-server on the PATH)", () => {
  let server: RedisServer
  beforeAll(async () => {
    server = await startRedis()
  })
  afterAll(() => server[Symbol.asyncDispose]())

  const redis = Layer.suspend(() => NodeRedis.layer({ url: server.url }))
  const machine = (options: CreditBudgetRedis.Options) =>
    Effect.flatMap(
      Layer.build(
        CreditBudgetRedis.layer({ newBooks: "open", lease: "9 seconds", ...options }).pipe(Layer.provide(redis))
      ),
      (context) => Effect.provide(CreditBudget, context)
    )
  const operator = (account: string) =>
    Effect.flatMap(Layer.build(redis), (context) => Effect.provide(CreditBudgetRedis.operator({ account }), context))
  const send = <A>(command: string, ...args: ReadonlyArray<string>) =>
    Redis.Redis.use((redis) => redis.send<A>(command, ...args)).pipe(Effect.provide(redis))
  const live = TestClock.withLive(Effect.sleep("5 millis"))
  const until = <E, R>(condition: Effect.Effect<boolean, E, R>): Effect.Effect<void, E, R> =>
    Effect.flatMap(condition, (met) => met ? Effect.void : Effect.andThen(live, until(condition)))
  const ended = (fiber: Fiber.Fiber<unknown, unknown>) => Effect.sync(() => fiber.pollUnsafe() !== undefined)
  const wait = { for: "1 hour", pollEvery: "1 hour" } as const

  it.effect("sees the holds of all machines, and which are whose", () =>
    Effect.gen(function*() {
      const [one, other] = [yield* machine({ account: "seen" }), yield* machine({ account: "seen" })]
      const now = Date.now()
      yield* one.reserve(30, { label: "team a" })
      yield* live
      yield* other.reserve(20)
      const waiting = yield* Effect.forkChild(other.reserve(60, { wait, label: "ü" }))
      yield* until(Effect.map(one.status, ({ waiting }) => waiting === 60))

      const books = yield* operator("seen")
      const holds = yield* books.holds
      assert.deepEqual(phases(holds), ["active 30", "active 20", "waiting 60"])
      assert.deepEqual(holds.map(({ label }) => label), ["team a", undefined, "ü"])
      for (const { since } of holds) {
        assert.isAtLeast(since.epochMilliseconds, now - 1)
        assert.isAtMost(since.epochMilliseconds, Date.now() + 1)
      }
      assert.strictEqual(holds[1]?.machine, holds[2]?.machine)
      assert.notStrictEqual(holds[0]?.machine, holds[1]?.machine)
      assert.deepEqual(yield* one.holds, holds)
      assert.deepInclude(yield* books.status, { available: 100, reserved: 50, reservations: 2, waiting: 60 })
      yield* Fiber.interrupt(waiting)
    }).pipe(Effect.scoped, Effect.provide(PolloCreditsTest.layer(100))))

  it.effect("frees a hold for good: no sign of life of its machine brings it back, and its settlement counts", () => {
    const messages: Array<unknown> = []
    const logger = Logger.make(({ message }) => void messages.push(message))
    return Effect.gen(function*() {
      const [one, other] = [yield* machine({ account: "freed" }), yield* machine({ account: "freed" })]
      const books = yield* operator("freed")
      const reservation = yield* one.reserve(80)
      const [hold] = yield* books.holds
      const id = hold?.id ?? ""
      assert.deepEqual(yield* books.free(id), hold)
      assert.isUndefined(yield* books.free(id))

      messages.length = 0
      for (let third = 0; third < 4; third++) {
        yield* TestClock.adjust("3 seconds")
        yield* live
      }
      yield* until(Effect.sync(() => messages.length > 0))
      assert.deepEqual(messages, [[`an operator has freed the hold ${id} of this program`]])
      const counted = (yield* Metric.snapshot).filter((metric) => metric.id === "pollo.budget.freed")
      assert.deepEqual(counted.map(({ attributes, state }) => [attributes?.at, "count" in state && state.count]), [
        ["operator", 1],
        ["holder", 1]
      ])
      yield* other.withReservation(100)(Effect.fail("not charged")).pipe(Effect.flip)

      yield* reservation.settle(60)
      assert.deepEqual(phases(yield* books.holds), ["spent 60"])
      yield* PolloCreditsTest.answer(40)
      yield* other.withReservation(40)(Effect.void)
      assert.deepEqual(phases(yield* books.holds), ["spent 40"], "a reading has shown the 60")
    }).pipe(
      Effect.scoped,
      Effect.provide([PolloCreditsTest.layer(100), Logger.layer([logger])]),
      Effect.provideServiceEffect(Metric.MetricRegistry, Effect.sync(() => new Map()))
    )
  })

  it.effect("ends the wait of a reservation on another machine, when that gives its next sign of life", () =>
    Effect.gen(function*() {
      const one = yield* machine({ account: "waits" })
      const books = yield* operator("waits")
      const waiting = yield* Effect.forkChild(Effect.flip(one.reserve(101, { wait })))
      yield* until(Effect.map(books.status, ({ waiting }) => waiting === 101))
      const [place] = yield* books.holds
      yield* books.free(place?.id ?? "")
      assert.deepEqual(yield* books.holds, [])
      yield* TestClock.adjust("3 seconds")
      yield* until(ended(waiting))
      assert.deepInclude(yield* Fiber.join(waiting), { _tag: "InsufficientCredits", required: 101, available: 100 })
      assert.deepInclude(yield* books.status, { waiting: 0, limits: [] })
    }).pipe(Effect.scoped, Effect.provide(PolloCreditsTest.layer(100))))

  it.effect("frees what a dead machine has left behind, before its time", () =>
    Effect.gen(function*() {
      const dying = yield* Scope.make()
      const one = yield* Scope.provide(machine({ account: "dead" }), dying)
      yield* one.reserve(80).pipe(Scope.provide(yield* Scope.make()))
      yield* Scope.close(dying, Exit.void)
      const other = yield* machine({ account: "dead" })
      yield* send("HINCRBY", keyOf("dead"), "now", "9001")
      yield* other.withReservation(0)(Effect.void)
      const books = yield* operator("dead")
      const [hold] = yield* books.holds
      assert.deepInclude(hold, { phase: "lost", credits: 80 })
      yield* books.free(hold?.id ?? "")
      yield* other.withReservation(100)(Effect.void)
    }).pipe(Effect.scoped, Effect.provide(PolloCreditsTest.layer(100))))

  it.effect("leaves books that are new or lost to the machines: it names none, opens none and waits for none", () =>
    Effect.gen(function*() {
      const books = yield* operator("nobody")
      assert.deepEqual(yield* books.holds, [])
      assert.isUndefined(yield* books.free("a.1"))
      assert.deepEqual(yield* books.status, {
        available: undefined,
        reserved: 0,
        reservations: 0,
        waiting: 0,
        limits: []
      })
      assert.deepEqual(yield* send("KEYS", `*${keyOf("nobody")}*`), [])

      const one = yield* machine({ account: "lost" })
      yield* one.reserve(80)
      yield* one.reserve(5)
      yield* send("HSET", keyOf("lost"), "server", "another")
      const identity = Effect.map(
        send<Array<string>>("HMGET", keyOf("lost"), "name", "server", "open", "why", "closedUntil", "epoch"),
        String
      )
      const left = yield* identity
      const lost = yield* operator("lost")
      const [first] = yield* lost.holds
      yield* lost.free(first?.id ?? "")
      assert.deepEqual(phases(yield* lost.holds), ["active 5"])
      assert.deepInclude(yield* lost.status, { reserved: 5, reservations: 1 })
      assert.strictEqual(yield* identity, left)
      // The next machine notices, as it always does.
      assert.deepInclude(yield* Effect.flip(one.withReservation(1)(Effect.void)), { reason: "Recovering" })
      assert.deepInclude(yield* lost.status, { reserved: 5, reservations: 1 })
    }).pipe(Effect.scoped, Effect.provide(PolloCreditsTest.layer(100))))

  it.effect("sees and frees holds of version 0.1.0 too, which do not say since when they are", () =>
    Effect.gen(function*() {
      const now = Date.now()
      const old = yield* Effect.map(Layer.build(redis), (context) => {
        const common = { key: keyOf("old"), known: "", lease: 30_000, lag: 0 }
        return Effect.provide(
          Redis.Redis.use((redis) =>
            Effect.gen(function*() {
              const [, epoch, seq, at] = yield* redis.eval(before.begin)(common)
              if (at === undefined) return assert.fail("closed")
              yield* redis.eval(before.admit)(common, epoch, seq, at, 100_000_000, 0, "m.0", 30_000_000, 0)
              yield* redis.eval(before.settle)(common, "m.1", 12_000_000, 0)
            })
          ),
          context
        )
      })
      yield* old
      const books = yield* operator("old")
      const holds = yield* books.holds
      assert.sameMembers(phases(holds), ["active 30", "spent 12"])
      for (const { machine, since } of holds) {
        assert.strictEqual(machine, "m")
        assert.isAtLeast(since.epochMilliseconds, now - 1000)
        assert.isAtMost(since.epochMilliseconds, Date.now() + 31_000)
      }
      yield* books.free("m.0")
      assert.deepInclude(yield* books.status, { available: 100, reserved: 12, reservations: 1 })
    }).pipe(Effect.scoped))
})
