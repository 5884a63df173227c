/** What a fleet that waits costs the vendor. The machines' clock is under control, and what Redis's adds too. */
import { CreditBalance, PolloCredits } from "@effect-pollo/client"
import { CreditBudget } from "@effect-pollo/client/CreditBudget"
import { CreditBudgetRedis } from "@effect-pollo/client/CreditBudgetRedis"
import { NodeRedis } from "@effect/platform-node"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer } from "effect"
import { Redis } from "effect/persistence"
import { TestClock } from "effect/testing"
import { createHash } from "node:crypto"
import { redisAvailable, type RedisServer, startRedis } from "../support/redisServer.ts"

describe.skipIf(!redisAvailable)("a fleet that waits (needs redis-server on the PATH)", () => {
  let server: RedisServer
  beforeAll(async () => {
    server = await startRedis()
  })
  afterAll(() => server[Symbol.asyncDispose]())

  const machines = 20

  /** Commands that Redis has not answered yet. */
  let underWay = 0
  const counted = <A, E, R>(command: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.suspend(() => {
      underWay++
      return Effect.ensuring(command, Effect.sync(() => underWay--))
    })
  const redis = Layer.effect(
    Redis.Redis,
    Effect.map(Redis.Redis, (redis) => ({
      ...redis,
      eval: (script) => {
        const run = redis.eval(script)
        return (...params) => counted(run(...params))
      }
    }))
  ).pipe(Layer.provide(Layer.suspend(() => NodeRedis.layer({ url: server.url }))))

  const answered: Effect.Effect<void> = Effect.suspend(() =>
    Effect.andThen(TestClock.withLive(Effect.sleep("1 millis")), underWay > 0 ? answered : Effect.void)
  )

  /** Lets time pass for the machines in steps, so that what they send meanwhile is answered in time. */
  const go = (millis: number): Effect.Effect<void> =>
    Effect.andThen(TestClock.adjust(250), answered).pipe(
      Effect.repeat({ times: Math.ceil(millis / 250) - 1 }),
      Effect.asVoid
    )

  const until = <E, R>(condition: Effect.Effect<boolean, E, R>): Effect.Effect<void, E, R> =>
    Effect.flatMap(condition, (met) => met ? Effect.void : Effect.andThen(go(1), until(condition)))

  /** Machines with a client of Redis each, and one job each that waits for 10 credits. */
  const fleet = Effect.fnUntraced(function*(account: string) {
    const vendor = { requests: 0, balance: 0, hangs: false }
    const credits = Layer.succeed(PolloCredits, {
      getBalance: Effect.suspend(() => {
        vendor.requests++
        if (vendor.hangs) return Effect.never
        return Effect.succeed(new CreditBalance({ availableCredits: vendor.balance, totalCredits: 0 }))
      })
    })
    const budget = CreditBudgetRedis.layer({ account, newBooks: "open", lease: "1 day" })
    const budgets: Array<CreditBudget["Service"]> = []
    for (let machine = 0; machine < machines; machine++) {
      const context = yield* Layer.build(
        Layer.fresh(budget).pipe(Layer.provide(credits), Layer.provide(Layer.fresh(redis)))
      )
      budgets.push(yield* Effect.provide(CreditBudget, context))
    }
    const wait = { for: "1 day", pollEvery: "1 minute" } as const
    const jobs = yield* Effect.forEach(
      budgets,
      (one) => Effect.forkChild(one.withReservation(10, { wait })(Effect.succeed("ran")))
    )
    const statuses = Effect.forEach(budgets, (one) => one.status)
    yield* until(Effect.map(statuses, ([status]) => status?.waiting === machines * 10))
    const client = yield* Effect.provide(Redis.Redis, yield* Layer.build(redis))
    const books = `pollo-budget:${createHash("sha256").update(account).digest("hex")}`
    return {
      vendor,
      /** Lets that much time pass for the books. */
      pass: (millis: number) => client.send("HINCRBY", books, "now", String(millis)),
      running: Effect.sync(() => jobs.filter((job) => job.pollUnsafe() !== undefined).length),
      all: Fiber.joinAll(jobs)
    }
  })

  it.effect("sends one request for each poll of all machines, and all of them see a top-up", () =>
    Effect.gen(function*() {
      const { all, pass, running, vendor } = yield* fleet("once")
      for (let look = 1; look <= 3; look++) {
        const before = vendor.requests
        yield* pass(60_000)
        yield* go(60_000)
        assert.strictEqual(vendor.requests, before + 1)
        assert.strictEqual(yield* running, 0)
      }
      const before = vendor.requests
      vendor.balance = machines * 10
      yield* pass(60_000)
      yield* until(Effect.map(running, (count) => count === machines))
      assert.strictEqual(vendor.requests, before + 1)
      assert.deepEqual([...new Set(yield* all)], ["ran"])
    }).pipe(Effect.scoped))

  it.effect("does not wait for a machine that died during its request", () =>
    Effect.gen(function*() {
      const { pass, running, vendor } = yield* fleet("lost")
      const before = vendor.requests
      vendor.hangs = true
      yield* pass(60_000)
      yield* until(Effect.sync(() => vendor.requests > before))
      vendor.hangs = false
      vendor.balance = machines * 10
      yield* go(5000)
      assert.deepEqual([vendor.requests, yield* running], [before + 1, 0])
      yield* pass(30_000)
      yield* until(Effect.map(running, (count) => count === machines - 1))
      assert.strictEqual(vendor.requests, before + 2)
    }).pipe(Effect.scoped))
})
