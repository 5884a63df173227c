import { CreditBudget } from "@effect-pollo/client/CreditBudget"
import { CreditBudgetRedis } from "@effect-pollo/client/CreditBudgetRedis"
import { PolloCreditsTest } from "@effect-pollo/client/testing"
import { NodeRedis } from "@effect/platform-node"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { DateTime, Effect, Exit, Fiber, Layer, Scope } from "effect"
import { Redis } from "effect/persistence"
import { TestClock } from "effect/testing"
import { createHash } from "node:crypto"
import { budgetKeys } from "../../src/internal/redis/keys.ts"
import { redisAvailable, type RedisServer, startRedis } from "../support/redisServer.ts"
import * as before from "../support/scripts010.ts"

type Budget = CreditBudget["Service"]

const hour = 3_600_000
/** The beginning of a period of an hour. */
const noon = Date.parse("2026-11-28T12:00:00Z")
const teamA = { credits: 100, every: "1 hour", label: "team-a" } as const

const refusal = (budget: Budget, cost: number, label?: string) =>
  Effect.flip(budget.withReservation(cost, { label })(Effect.die("ran")))
const spend = (budget: Budget, cost: number, label?: string) => budget.withReservation(cost, { label })(Effect.void)
const standing = (budget: Budget, index = 0) => Effect.map(budget.status, ({ limits }) => limits[index])

/** A client whose server goes by a clock that the tests set. */
const timed = Layer.effect(
  Redis.Redis,
  Effect.map(Redis.Redis, (redis): Redis.Redis["Service"] => ({
    ...redis,
    eval: (script) =>
      redis.eval(Redis.script((...params: ReadonlyArray<unknown>) => script.params(...params), {
        numberOfKeys: script.numberOfKeys,
        lua: script.lua.replace("redis.call(\"TIME\")", "{ 0, redis.call(\"GET\", \"test wall\") .. \"000\" }")
      }))
  }))
)

describe.skipIf(!redisAvailable)("limits on Redis (needs redis-server on the PATH)", () => {
  let server: RedisServer
  beforeAll(async () => {
    server = await startRedis()
  })
  afterAll(() => server[Symbol.asyncDispose]())

  const redis = Layer.suspend(() => NodeRedis.layer({ url: server.url }))
  const machine = (account: string, limits: ReadonlyArray<CreditBudget.Limit>, lease = 24 * hour) =>
    Effect.flatMap(
      Layer.build(
        CreditBudgetRedis.layer({ account, limits, lease, newBooks: "open" }).pipe(
          Layer.provide(timed),
          Layer.provide(redis)
        )
      ),
      (context) => Effect.provide(CreditBudget, context)
    )
  const send = (command: string, ...args: ReadonlyArray<string>) =>
    Redis.Redis.use((redis) => redis.send(command, ...args)).pipe(Effect.provide(redis))
  const setTime = (millis: number) => send("SET", "test wall", String(millis))
  const keys = (account: string) => budgetKeys("", createHash("sha256").update(account).digest("hex"))

  /** Waits for what a socket has still to bring. */
  const until = <E, R>(condition: Effect.Effect<boolean, E, R>): Effect.Effect<void, E, R> =>
    Effect.flatMap(
      condition,
      (met) => met ? Effect.void : Effect.andThen(TestClock.withLive(Effect.sleep("2 millis")), until(condition))
    )

  it.effect("are one total for all machines, to which each applies its own", () =>
    Effect.gen(function*() {
      yield* setTime(noon)
      const strict = yield* machine("own", [teamA])
      const loose = yield* machine("own", [{ ...teamA, credits: 150 }])
      const free = yield* machine("own", [])
      yield* spend(free, 60, "team-a")
      yield* spend(loose, 30, "team-a")
      assert.deepInclude(yield* refusal(strict, 11, "team-a"), {
        _tag: "SpendLimitReached",
        limit: 100,
        spent: 90,
        resetsAt: DateTime.makeUnsafe(noon + hour)
      })
      yield* spend(strict, 11, "team-b")
      yield* spend(loose, 60, "team-a")
      assert.deepInclude(yield* refusal(loose, 1, "team-a"), { limit: 150, spent: 150 })
      yield* spend(free, 100, "team-a")
      assert.deepInclude(yield* standing(strict), { spent: 250, reserved: 0, incomplete: false })
    }).pipe(Effect.scoped, Effect.provide(PolloCreditsTest.layer(1000))))

  it.effect("go by the clock of Redis, and a clock that is set back meets the totals of before", () =>
    Effect.gen(function*() {
      yield* setTime(noon + hour - 1)
      const budget = yield* machine("clock", [teamA])
      yield* spend(budget, 100, "team-a")
      yield* refusal(budget, 1, "team-a")
      yield* setTime(noon + hour)
      yield* spend(budget, 70, "team-a")
      assert.deepInclude(yield* standing(budget), { spent: 70, incomplete: false })
      yield* setTime(noon)
      assert.deepInclude(yield* standing(budget), { spent: 100, incomplete: true })
      yield* refusal(budget, 1, "team-a")
    }).pipe(Effect.scoped, Effect.provide(PolloCreditsTest.layer(1000))))

  it.effect("that are new in mid-period know what is held and not what was spent, and say so until it ends", () =>
    Effect.gen(function*() {
      yield* setTime(noon)
      const old = yield* machine("new", [teamA])
      yield* spend(old, 50, "team-a")
      yield* spend(old, 0)
      yield* old.reserve(20, { label: "team-a" })
      yield* setTime(noon + 1)
      const all = { credits: 1000, every: "1 hour" } as const
      const young = yield* machine("new", [teamA, all])
      assert.deepInclude(yield* standing(young, 0), { spent: 50, reserved: 20, incomplete: false })
      assert.deepInclude(yield* standing(young, 1), { spent: 0, reserved: 20, incomplete: true })
      yield* setTime(noon + hour)
      yield* spend(old, 5)
      assert.deepInclude(yield* standing(young, 1), { spent: 5, reserved: 0, incomplete: false })
    }).pipe(Effect.scoped, Effect.provide(PolloCreditsTest.layer(1000))))

  it.effect("count the job of a machine that died as spent, also when a reading has shown what became of it", () =>
    Effect.gen(function*() {
      yield* setTime(noon)
      const dying = yield* Scope.make()
      const one = yield* Scope.provide(machine("death", [teamA], 9000), dying)
      const other = yield* machine("death", [teamA], 9000)
      yield* one.reserve(60, { label: "team-a" }).pipe(Scope.provide(yield* Scope.make()))
      yield* Scope.close(dying, Exit.void)
      assert.deepInclude(yield* standing(other), { spent: 0, reserved: 60 })
      for (let lease = 1; lease <= 3; lease++) {
        yield* setTime(noon + lease * 9001)
        yield* spend(other, 0)
        assert.deepInclude(yield* standing(other), { spent: 60, reserved: 0 })
      }
      assert.deepInclude(yield* other.status, { reserved: 0, reservations: 0 })
    }).pipe(Effect.scoped, Effect.provide(PolloCreditsTest.layer(1000))))

  it.effect("know after a loss what machines still hold, in the period in which it was admitted, and lack the rest", () =>
    Effect.gen(function*() {
      yield* setTime(noon)
      const [one, other] = [yield* machine("loss", [teamA], 9000), yield* machine("loss", [teamA], 9000)]
      yield* spend(one, 30, "team-a")
      yield* one.reserve(40, { label: "team-a" })
      yield* setTime(noon + hour + 1)
      const late = yield* one.reserve(25, { label: "team-a" })
      yield* Effect.forEach(keys("loss"), (key) => send("DEL", key))
      yield* TestClock.adjust("3 seconds")
      yield* until(Effect.map(other.status, ({ reservations }) => reservations === 2))
      assert.deepInclude(yield* standing(other), { spent: 0, reserved: 25, incomplete: true })
      yield* late.settle(20)
      assert.deepInclude(yield* standing(other), { spent: 20, reserved: 0 })
      yield* setTime(noon)
      assert.deepInclude(yield* standing(other), { spent: 0, reserved: 40, incomplete: true })
      yield* setTime(noon + 2 * hour)
      assert.deepInclude(yield* standing(other), { spent: 0, reserved: 0, incomplete: false })
    }).pipe(Effect.scoped, Effect.provide(PolloCreditsTest.layer(1000))))

  it.effect("that stop a waiter of one machine hold up those under them on every machine, and nobody else", () =>
    Effect.gen(function*() {
      yield* setTime(noon)
      const [one, other] = [yield* machine("line", [teamA]), yield* machine("line", [teamA])]
      const { release } = yield* one.reserve(60, { label: "team-a" })
      const wait = { for: "1 hour", pollEvery: "10 seconds" } as const
      const waiter = yield* Effect.forkChild(one.withReservation(50, { label: "team-a", wait })(Effect.succeed("ran")))
      yield* until(Effect.map(other.status, ({ waiting }) => waiting === 50))
      assert.deepInclude(yield* refusal(other, 10, "team-a"), { _tag: "SpendLimitReached", spent: 0, reserved: 110 })
      yield* spend(other, 900, "team-b")
      yield* release
      yield* until(
        Effect.andThen(TestClock.adjust("10 seconds"), Effect.sync(() => waiter.pollUnsafe() !== undefined))
      )
      assert.strictEqual(yield* Fiber.join(waiter), "ran")
    }).pipe(Effect.scoped, Effect.provide(PolloCreditsTest.layer(1000))))

  it.effect("are kept by hundreds of fibers on two machines", () =>
    Effect.gen(function*() {
      yield* setTime(noon)
      const limits = [{ ...teamA, credits: 120 }, { credits: 500, every: "1 hour" }] as const
      const machines = [yield* machine("crowd", limits), yield* machine("crowd", limits)]
      let [ofTeam, ofAll] = [0, 0]
      const jobs = Array.from({ length: 400 }, (_, number) => {
        const label = number % 3 === 0 ? "team-a" : undefined
        const budget = machines[number % 2] ?? assert.fail()
        const actual = number % 5
        return Effect.exit(
          budget.withReservation(4, { label })(({ settle }) => {
            ofAll += actual
            if (label !== undefined) ofTeam += actual
            return settle(actual)
          })
        )
      })
      yield* Effect.all(jobs, { concurrency: 100 })
      assert.isTrue(ofTeam <= 120 && ofAll <= 500, `${ofTeam} ${ofAll}`)
      const [team, all] = [
        yield* standing(machines[0] ?? assert.fail(), 0),
        yield* standing(machines[0] ?? assert.fail(), 1)
      ]
      assert.deepEqual([team?.spent, all?.spent], [ofTeam, ofAll])
      assert.isTrue(ofTeam > 90 && ofAll > 400, "so many that they reach the limits")
    }).pipe(Effect.scoped, Effect.provide(PolloCreditsTest.layer(100_000))), 20_000)

  it.effect("do not count what machines with version 0.1.0 spend, and are not damaged by them", () =>
    Effect.gen(function*() {
      yield* setTime(noon)
      const dying = yield* Scope.make()
      const one = yield* Scope.provide(machine("upgrade", [teamA], 9000), dying)
      const other = yield* machine("upgrade", [teamA, { credits: 1000, every: "1 hour" }], 9000)
      yield* spend(one, 10, "team-a")
      yield* one.reserve(30, { label: "team-a" }).pipe(Scope.provide(yield* Scope.make()))
      yield* Scope.close(dying, Exit.void)

      const common = { key: keys("upgrade")[0], known: "", lease: 9000, lag: 0 }
      const look = Effect.gen(function*() {
        const redis = yield* Redis.Redis
        const ticket = yield* redis.eval(before.begin)(common)
        const [, epoch, seq, at] = ticket[0] === "ok" ? ticket : assert.fail("the books are open")
        yield* redis.eval(before.admit)(common, epoch, seq, at, 1000, 0, `old.${seq}`, 7, 0)
      }).pipe(Effect.provide(timed), Effect.provide(redis))
      for (let lease = 1; lease <= 3; lease++) {
        yield* setTime(noon + lease * 9001)
        yield* look
        assert.deepInclude(yield* standing(other, 0), { spent: 40, reserved: 0 })
      }
      assert.deepInclude(yield* standing(other, 1), { spent: 40, reserved: 0 })
    }).pipe(Effect.scoped, Effect.provide(PolloCreditsTest.layer(1000))))
})
