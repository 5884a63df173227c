import type { PolloConfigError, PolloCredits } from "@effect-pollo/client"
import { BudgetStoreError, CreditBudget } from "@effect-pollo/client/CreditBudget"
import { CreditBudgetRedis } from "@effect-pollo/client/CreditBudgetRedis"
import { PolloCreditsTest } from "@effect-pollo/client/testing"
import { NodeRedis } from "@effect/platform-node"
import { afterAll, assert, beforeAll, describe, expectTypeOf, it } from "@effect/vitest"
import { Deferred, Duration, Effect, Exit, Fiber, Layer, Redacted, Scope } from "effect"
import { Redis } from "effect/persistence"
import { TestClock } from "effect/testing"
import { createHash } from "node:crypto"
import { redisAvailable, type RedisServer, startRedis } from "../support/redisServer.ts"

type Budget = CreditBudget["Service"]

const keyOf = (account: string) => `pollo-budget:${createHash("sha256").update(account).digest("hex")}`

/** The budget of a machine of its own, on a Redis client of its own. */
const machineOn = <E, R>(redis: Layer.Layer<Redis.Redis, E, R>, options: CreditBudgetRedis.Options) =>
  Effect.flatMap(
    Layer.build(CreditBudgetRedis.layer(options).pipe(Layer.provide(redis))),
    (context) => Effect.provide(CreditBudget, context)
  )

const refusal = (budget: Budget, cost: number) => Effect.flip(budget.withReservation(cost)(Effect.die("ran")))

describe("layer", () => {
  it("needs a client and a Redis, and can fail for its options alone", () => {
    expectTypeOf(CreditBudgetRedis.layer({ account: "production" })).toEqualTypeOf<
      Layer.Layer<CreditBudget, PolloConfigError, PolloCredits | Redis.Redis>
    >()
  })

  const mistakes: ReadonlyArray<readonly [string, Partial<CreditBudgetRedis.Options>]> = [
    ["account", { account: "" }],
    ["account", { account: Redacted.make("") }],
    ["lease", { lease: 0 }],
    ["lease", { lease: "Infinity" }],
    ["safetyMargin", { safetyMargin: -1 }],
    ["chargeLag", { chargeLag: Number.NaN }]
  ]
  it.effect.each(mistakes)("refuses a bad %s by name: %j", ([field, mistake]) =>
    Effect.gen(function*() {
      const refused = yield* Effect.flip(machineOn(silentRedis, { account: "production", ...mistake }))
      assert.strictEqual(refused._tag === "PolloConfigError" && refused.field, field)
    }).pipe(Effect.scoped, Effect.provide(PolloCreditsTest.layer())))
})

const ended = (...fibers: ReadonlyArray<Fiber.Fiber<unknown, unknown>>) =>
  Effect.sync(() => fibers.every((fiber) => fiber.pollUnsafe() !== undefined))

/** A Redis that answers nothing, as a client without a connection does. */
const silentRedis = Layer.effect(
  Redis.Redis,
  Redis.make({ send: () => Effect.never, connect: Effect.never, subscribe: () => Effect.never })
)

describe("without an answer from Redis", () => {
  it.effect("no job starts, not even with onUnreadable: \"allow\"", () =>
    Effect.gen(function*() {
      const building = yield* Effect.forkChild(
        machineOn(silentRedis, { account: "production", onUnreadable: "allow" })
      )
      yield* TestClock.adjust(0)
      yield* TestClock.adjust("1 second")
      const budget = yield* Fiber.join(building)
      const fiber = yield* Effect.forkChild(refusal(budget, 1))
      yield* TestClock.adjust(0)
      yield* TestClock.adjust("2 seconds")
      const told = yield* Fiber.join(fiber)
      assert.instanceOf(told, BudgetStoreError)
      assert.deepInclude(told, { reason: "Unavailable", isRetryable: true, isTransient: true })
      assert.strictEqual((yield* PolloCreditsTest.calls).length, 0)
    }).pipe(Effect.scoped, Effect.provide(PolloCreditsTest.layer())))
})

describe.skipIf(!redisAvailable)("on Redis (needs redis-server on the PATH)", () => {
  let server: RedisServer
  beforeAll(async () => {
    server = await startRedis()
  })
  afterAll(() => server[Symbol.asyncDispose]())

  const machine = (options: CreditBudgetRedis.Options) =>
    machineOn(Layer.suspend(() => NodeRedis.layer({ url: server.url })), { newBooks: "open", ...options })

  const send = <A>(command: string, ...args: ReadonlyArray<string>) =>
    Redis.Redis.use((redis) => redis.send<A>(command, ...args)).pipe(
      Effect.provide(NodeRedis.layer({ url: server.url }))
    )

  const values = (key: string) => send<Array<string>>("HVALS", key)

  /** The time of the books never goes back: what is set ahead of Redis's own clock has passed for every machine. */
  const pass = (account: string, millis: number) => send("HINCRBY", keyOf(account), "now", String(millis))

  /** Waits for what a socket has still to bring. */
  const until = <E, R>(condition: Effect.Effect<boolean, E, R>): Effect.Effect<void, E, R> =>
    Effect.flatMap(
      condition,
      (met) => met ? Effect.void : Effect.andThen(TestClock.withLive(Effect.sleep("2 millis")), until(condition))
    )

  it.effect("two machines that read 40 do not both start a job of 30", () =>
    Effect.gen(function*() {
      const options = { account: "forty", safetyMargin: 5 }
      const [one, other] = [yield* machine(options), yield* machine(options)]
      const end = yield* Deferred.make<void>()
      const job = yield* Effect.forkChild(one.withReservation(30)(Deferred.await(end)))
      yield* until(Effect.map(other.status, ({ reserved }) => reserved === 30))
      assert.deepInclude(yield* refusal(other, 30), {
        _tag: "InsufficientCredits",
        required: 30,
        available: 40,
        reserved: 30,
        safetyMargin: 5
      })
      yield* PolloCreditsTest.answer(10)
      yield* Deferred.succeed(end, undefined)
      yield* Fiber.join(job)
      assert.deepEqual(yield* one.status, { available: 40, reserved: 30, reservations: 1, waiting: 0, limits: [] })
      yield* other.withReservation(5)(Effect.void)
    }).pipe(Effect.scoped, Effect.provide(PolloCreditsTest.layer(40))))

  it.effect("two thousand jobs at once are weighed by one reading", () =>
    Effect.gen(function*() {
      const budget = yield* machine({ account: "many" })
      const job = Effect.exit(budget.withReservation(1)(Effect.void))
      const exits = yield* Effect.all(Array.from({ length: 2000 }, () => job), { concurrency: "unbounded" })
      assert.strictEqual(exits.filter(Exit.isSuccess).length, 1200)
      assert.isAtMost((yield* PolloCreditsTest.calls).length, 2)
    }).pipe(Effect.scoped, Effect.provide(PolloCreditsTest.layer(1200))))

  it.effect("each end of a job leaves what the table of CreditBudget says", () =>
    Effect.gen(function*() {
      const budget = yield* machine({ account: "table" })
      const held = (job: CreditBudget.Job<unknown, unknown, never>) =>
        Effect.gen(function*() {
          const before = (yield* budget.status).reserved
          yield* Effect.exit(budget.withReservation(1)(job))
          const { reserved } = yield* budget.status
          yield* budget.withReservation(0)(Effect.void)
          assert.strictEqual((yield* budget.status).reserved, 0)
          return reserved - before
        })
      assert.strictEqual(yield* held(Effect.void), 1)
      assert.strictEqual(yield* held(Effect.fail("refused")), 0)
      assert.strictEqual(yield* held(Effect.interrupt), 1)
      assert.strictEqual(yield* held(Effect.die("broken")), 1)
      assert.strictEqual(yield* held(({ settle }) => Effect.andThen(settle(0.25), Effect.fail("late"))), 0.25)
      assert.strictEqual(yield* held(({ release }) => release), 0)
    }).pipe(Effect.scoped, Effect.provide(PolloCreditsTest.layer(40))))

  it.effect("the line is one for all machines", () =>
    Effect.gen(function*() {
      const [one, other] = [yield* machine({ account: "line" }), yield* machine({ account: "line" })]
      const waiting = (credits: number) => until(Effect.map(one.status, (status) => status.waiting === credits))
      const wait = { for: "1 hour", pollEvery: "10 seconds" } as const
      const large = yield* Effect.forkChild(one.withReservation(50, { wait })(Effect.never))
      yield* waiting(50)
      const small = yield* Effect.forkChild(other.withReservation(5, { wait })(Effect.void))
      yield* waiting(55)
      assert.deepInclude(yield* refusal(one, 1), { _tag: "InsufficientCredits", available: 20, reserved: 55 })

      // Enough for either and not for both: the small one has to let the large one pass.
      yield* PolloCreditsTest.answer(52)
      yield* TestClock.adjust("10 seconds")
      yield* waiting(5)
      assert.isUndefined(small.pollUnsafe())
      yield* Fiber.interrupt(large)
      yield* PolloCreditsTest.answer(5)
      yield* until(Effect.andThen(TestClock.adjust("10 seconds"), ended(small)))
      yield* Fiber.join(small)
    }).pipe(Effect.scoped, Effect.provide(PolloCreditsTest.layer(20))))

  it.effect("a machine that dies keeps its credits for two leases, as its job may have been charged", () =>
    Effect.gen(function*() {
      const options = { account: "death", lease: "10 seconds" } as const
      const dying = yield* Scope.make()
      const one = yield* Scope.provide(machine(options), dying)
      const other = yield* machine(options)
      yield* one.reserve(30).pipe(Scope.provide(yield* Scope.make()))
      // Its client is gone, and so are its signs of life. Nothing was settled.
      yield* Scope.close(dying, Exit.void)

      const reserved = Effect.map(refusal(other, 30), (told) => told._tag === "InsufficientCredits" && told.reserved)
      yield* pass("death", 10_001)
      assert.strictEqual(yield* reserved, 30)
      yield* pass("death", 9000)
      assert.strictEqual(yield* reserved, 30)
      yield* pass("death", 1001)
      yield* other.withReservation(30)(Effect.void)
    }).pipe(Effect.scoped, Effect.provide(PolloCreditsTest.layer(40))))

  it.effect("a job that runs for many leases is held for all the time, and so is a place in the line", () =>
    Effect.gen(function*() {
      const options = { account: "long", lease: "9 seconds" } as const
      const [one, other] = [yield* machine(options), yield* machine(options)]
      yield* one.reserve(30)
      const leaseEnd = Effect.map(
        values(keyOf("long")),
        (all) => Math.max(...all.map((value) => Number(/^active \d+ \d+ (\d+)$/.exec(value)?.[1] ?? 0)))
      )
      const wait = { for: "1 hour", pollEvery: "1 hour" } as const
      yield* Effect.forkChild(one.withReservation(20, { wait })(Effect.die("ran")))
      yield* until(Effect.map(one.status, ({ waiting }) => waiting === 20))
      for (let third = 0; third < 6; third++) {
        const before = yield* leaseEnd
        yield* pass("long", 3000)
        yield* TestClock.adjust("3 seconds")
        yield* until(Effect.map(leaseEnd, (after) => after > before))
      }
      assert.deepInclude(yield* refusal(other, 0), { _tag: "InsufficientCredits", reserved: 50 })
    }).pipe(Effect.scoped, Effect.provide(PolloCreditsTest.layer(40))))

  it.effect("a machine that was cut off and given up gets its hold back with its next renewal", () =>
    Effect.gen(function*() {
      const options = { account: "back", lease: "9 seconds" } as const
      const [one, other] = [yield* machine(options), yield* machine(options)]
      yield* one.reserve(30)
      const settled = yield* one.reserve(10)
      yield* pass("back", 9001)
      yield* other.withReservation(0)(Effect.void)
      yield* pass("back", 9001)
      yield* other.withReservation(0)(Effect.void)
      assert.strictEqual((yield* other.status).reserved, 0)

      yield* settled.settle(8)
      assert.strictEqual((yield* other.status).reserved, 8)
      yield* TestClock.adjust("3 seconds")
      yield* until(Effect.map(other.status, ({ reserved }) => reserved === 38))
      assert.deepInclude(yield* refusal(other, 11), { _tag: "InsufficientCredits", reserved: 30 })
    }).pipe(Effect.scoped, Effect.provide(PolloCreditsTest.layer(40))))

  it.effect("nothing in Redis tells the key or the name of the account", () =>
    Effect.gen(function*() {
      const budget = yield* machine({ account: Redacted.make("pk-canary-5f2c9a") })
      yield* budget.reserve(30)
      const keys = yield* send<Array<string>>("KEYS", "*")
      assert.include(keys, keyOf("pk-canary-5f2c9a"))
      const contents = yield* Effect.forEach(keys, (key) =>
        key.includes("{") ? send<Array<string>>("ZRANGE", key, "0", "-1") : values(key))
      assert.notInclude([...keys, ...contents.flat()].join(" "), "canary")
    }).pipe(Effect.scoped, Effect.provide(PolloCreditsTest.layer(40))))

  it.effect("a reading that was requested before Redis lost the books admits nobody after", () =>
    Effect.gen(function*() {
      const budget = yield* machine({ account: "flushed", lease: "9 seconds" })
      const told = yield* Effect.forkChild(refusal(budget, 1))
      yield* until(Effect.map(PolloCreditsTest.calls, (calls) => calls.length === 1))
      yield* send("DEL", keyOf("flushed"))
      // Somebody who knows nothing of it has begun new books since, and they are no longer closed.
      const newcomer = yield* machine({ account: "flushed", lease: "9 seconds" })
      yield* newcomer.status
      yield* pass("flushed", 20_000)
      yield* TestClock.adjust("1 second")
      assert.deepInclude(yield* Fiber.join(told), { _tag: "BudgetStoreError", reason: "Recovering" })
    }).pipe(Effect.scoped, Effect.provide(PolloCreditsTest.layer(PolloCreditsTest.delay("1 second", 40)))))

  it.effect("a Redis that stops lets jobs end, and starts none; one that comes back empty admits nobody for two leases", () =>
    Effect.gen(function*() {
      const options = { account: "restart", lease: "9 seconds" } as const
      const [one, other] = [yield* machine(options), yield* machine(options)]
      const end = yield* Deferred.make<void>()
      const job = yield* Effect.forkChild(one.withReservation(5)(Effect.as(Deferred.await(end), "video")))
      yield* until(Effect.map(other.status, ({ reserved }) => reserved === 5))
      const long = yield* one.reserve(30)
      assert.strictEqual(long.cost, 30)

      yield* Effect.promise(() => server.stop())
      yield* Deferred.succeed(end, undefined)
      const hasty = yield* Effect.forkChild(refusal(other, 1))
      yield* until(Effect.andThen(TestClock.adjust("1 second"), ended(job, hasty)))
      assert.strictEqual(yield* Fiber.join(job), "video")
      assert.deepInclude(yield* Fiber.join(hasty), { _tag: "BudgetStoreError", reason: "Unavailable" })

      yield* Effect.promise(() => server.restart())
      yield* until(Effect.map(Effect.exit(other.status), Exit.isSuccess))
      const readings = (yield* PolloCreditsTest.calls).length
      const told = yield* refusal(other, 1)
      assert.deepInclude(told, { _tag: "BudgetStoreError", reason: "Recovering", isRetryable: true })
      assert.strictEqual((yield* PolloCreditsTest.calls).length, readings)
      const patience = "retryAfter" in told ? told.retryAfter : undefined
      assert.isTrue(Duration.isLessThanOrEqualTo(patience ?? Duration.infinity, Duration.seconds(18)))

      // The job that still runs says so, and when the window is over all is as it was.
      const restored = Effect.map(other.status, ({ reserved }) => reserved >= 30)
      yield* until(Effect.andThen(TestClock.adjust("100 millis"), restored))
      // However far the clock of Redis jumps.
      yield* pass("restart", 60_000)
      assert.deepInclude(yield* refusal(other, 1), { _tag: "BudgetStoreError", reason: "Recovering" })
      const admitted = Effect.map(Effect.exit(one.withReservation(0)(Effect.void)), Exit.isSuccess)
      yield* until(Effect.andThen(TestClock.adjust("500 millis"), admitted))
      assert.deepInclude(yield* refusal(other, 11), { _tag: "InsufficientCredits", available: 40, reserved: 30 })
    }).pipe(Effect.scoped, Effect.provide(PolloCreditsTest.layer(40))))
})
