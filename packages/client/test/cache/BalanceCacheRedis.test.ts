import type { PolloConfigError, PolloCredits } from "@effect-pollo/client"
import type { BalanceCache } from "@effect-pollo/client/BalanceCache"
import { BalanceCacheRedis } from "@effect-pollo/client/BalanceCacheRedis"
import { PolloCreditsTest } from "@effect-pollo/client/testing"
import { NodeRedis } from "@effect/platform-node"
import { afterAll, assert, beforeAll, describe, expectTypeOf, it } from "@effect/vitest"
import { Context, Duration, Effect, Fiber, Layer, Redacted, References, Schedule } from "effect"
import { Redis } from "effect/persistence"
import { TestClock } from "effect/testing"
import { setTimeout } from "node:timers/promises"
import { redisAvailable, type RedisServer, startRedis } from "../support/redisServer.ts"
import { credits, machineOn, minute, refreshed, silentRedis } from "../support/cacheMachine.ts"

const { delay, error } = PolloCreditsTest

const outcomes = Effect.map(PolloCreditsTest.calls, (calls) => calls.map((call) => call.outcome))

/** A turn for the sockets, whichever clock the test has. */
const aMoment = Effect.promise(() => setTimeout(2))

/** Waits until so many calls have begun. */
const begun = (count: number) =>
  Effect.repeat(Effect.andThen(aMoment, outcomes), { until: (all) => all.length >= count })

describe("layer", () => {
  it("needs a client and a Redis, and can fail for its options alone", () => {
    expectTypeOf(BalanceCacheRedis.layer(minute)).toEqualTypeOf<
      Layer.Layer<BalanceCache, PolloConfigError, PolloCredits | Redis.Redis>
    >()
  })

  const mistakes: ReadonlyArray<readonly [string, Partial<BalanceCacheRedis.Options>]> = [
    ["account", { account: "" }],
    ["account", { account: Redacted.make("") }],
    ["timeToLive", { timeToLive: 0 }],
    ["timeToLive", { timeToLive: Number.NaN }],
    ["staleIfError", { staleIfError: "-1 second" }]
  ]
  it.effect.each(mistakes)("refuses a bad %s by name: %j", ([field, mistake]) =>
    Effect.gen(function*() {
      const refused = yield* Effect.flip(machineOn(silentRedis(), { ...minute, ...mistake }))
      assert.strictEqual(refused._tag === "PolloConfigError" && refused.field, field)
    }).pipe(Effect.provide(PolloCreditsTest.layer())))
})

describe.skipIf(!redisAvailable)("on a real Redis (needs redis-server on the PATH)", () => {
  let server: RedisServer
  beforeAll(async () => {
    server = await startRedis()
  })
  afterAll(() => server.stop())

  const client = Layer.suspend(() => NodeRedis.layer({ url: server.url }))
  const machines = (count: number, options: BalanceCacheRedis.Options) =>
    Effect.all(Array.from({ length: count }, () => machineOn(client, options)), { concurrency: "unbounded" })

  /** Two machines on an empty Redis. */
  const pair = Effect.gen(function*() {
    yield* Redis.Redis.use((redis) => redis.send("FLUSHALL"))
    return [yield* machineOn(client), yield* machineOn(client)] as const
  }).pipe(Effect.provide(client))

  const keys = (pattern: string) => Redis.Redis.use((redis) => redis.send<Array<string>>("KEYS", pattern))

  /** What the end of the time to live does. */
  const forgetReadings = Effect.flatMap(
    keys("*"),
    (names) =>
      Effect.forEach(
        names.filter((name) => !name.endsWith(":generation")),
        (name) => Redis.Redis.use((redis) => redis.send("DEL", name))
      )
  ).pipe(Effect.provide(client))

  it.live("asks the vendor once for a fleet that wakes up at the same moment", () =>
    Effect.gen(function*() {
      const fleet = yield* machines(8, { ...minute, account: "wake-up" })
      const readers = fleet.flatMap((cache) => [credits(cache), credits(cache)])
      assert.deepEqual(new Set(yield* Effect.all(readers, { concurrency: "unbounded" })), new Set([1]))
      assert.deepEqual(yield* outcomes, ["Success"])
    }).pipe(Effect.provide(PolloCreditsTest.layer((call) => delay("200 millis", call)))))

  it.live("gives the reading to all until Redis removes it at the end of its time to live", () =>
    Effect.gen(function*() {
      const [one, other] = yield* pair
      const reading = yield* one.get
      assert.deepEqual(yield* other.get, reading)
      const left = yield* Redis.Redis.use((redis) =>
        Effect.flatMap(
          keys("pollo-balance:*:0"),
          (names) => Effect.forEach(names, (name) => redis.send<number>("PTTL", name))
        )
      ).pipe(Effect.provide(client))
      assert.isTrue(left.length === 1 && left.every((millis) => millis > 0 && millis <= 60_000), String(left))

      yield* forgetReadings
      assert.deepEqual([yield* credits(other), yield* credits(one)], [2, 2])
    }).pipe(Effect.provide(PolloCreditsTest.layer((call) => call))))

  it.live("keeps accounts apart and their names, which may be keys, out of Redis", () =>
    Effect.gen(function*() {
      const canary = "pk-canary-77ab"
      const one = yield* machineOn(client, { ...minute, account: Redacted.make(canary) })
      const same = yield* machineOn(client, { ...minute, account: canary })
      const other = yield* machineOn(client, { ...minute, account: "another" })
      assert.deepEqual([yield* credits(one), yield* credits(same), yield* credits(other)], [1, 1, 2])
      yield* one.invalidate
      yield* one.refresh

      const redis = yield* Redis.Redis
      const names = yield* keys("*")
      const values = yield* Effect.forEach(names, (name) => redis.send("GET", name))
      assert.isAbove(names.length, 3)
      assert.notInclude(JSON.stringify([names, values]), canary)
    }).pipe(Effect.provide(client), Effect.provide(PolloCreditsTest.layer((call) => call))))

  it.live("refreshes for all, and leaves the reading when that fails", () =>
    Effect.gen(function*() {
      const [one, other] = yield* pair
      assert.deepEqual([yield* credits(one), yield* refreshed(other), yield* credits(one)], [1, 2, 2])
      yield* Effect.flip(other.refresh)
      assert.deepInclude(yield* one.get, { stale: false })
      assert.deepEqual(yield* outcomes, ["Success", "Success", "PolloServerError"])
    }).pipe(Effect.provide(PolloCreditsTest.layer([1, 2, error.serverError()]))))

  it.live("invalidates for all, with what is being read or refreshed at the moment", () =>
    Effect.gen(function*() {
      const [one, other] = yield* pair
      const reading = yield* Effect.forkChild(credits(one))
      const refreshing = yield* Effect.forkChild(refreshed(one))
      yield* begun(2)
      yield* other.invalidate
      assert.deepEqual([yield* Fiber.join(reading), yield* Fiber.join(refreshing)].toSorted(), [1, 2])
      assert.strictEqual(yield* credits(one), 3)
      assert.strictEqual(yield* credits(other), 3)
    }).pipe(Effect.provide(PolloCreditsTest.layer((call) => delay("300 millis", call)))))

  it.live("lets the next machine ask as soon as the one that asked has failed", () =>
    Effect.gen(function*() {
      const [one, other] = yield* pair
      const failing = yield* Effect.forkChild(Effect.flip(one.get))
      yield* begun(1)
      assert.strictEqual(yield* credits(other).pipe(Effect.timeout("2 seconds")), 2)
      assert.strictEqual((yield* Fiber.join(failing))._tag, "PolloUnauthorized")
    }).pipe(Effect.provide(PolloCreditsTest.layer([delay("100 millis", error.unauthorized()), 2]))))

  it.live("lets the next machine ask as soon as the one that asked was interrupted", () =>
    Effect.gen(function*() {
      const [one, other] = yield* pair
      const first = yield* Effect.forkChild(credits(one))
      yield* begun(1)
      yield* Fiber.interrupt(first)
      assert.strictEqual(yield* credits(other).pipe(Effect.timeout("2 seconds")), 2)
      assert.deepEqual(yield* outcomes, ["Interrupted", "Success"])
    }).pipe(Effect.provide(PolloCreditsTest.layer([Effect.never, 2]))))

  it.effect("waits for a machine that is slow to ask for 5 seconds, then asks as well", () =>
    Effect.gen(function*() {
      const [one, other] = yield* pair
      const slow = yield* Effect.forkChild(one.get)
      yield* begun(1)
      const second = yield* Effect.forkChild(other.get)
      const redis = yield* Effect.map(Layer.build(client), (context) => Context.get(context, Redis.Redis))
      let waited = 0
      while ((yield* outcomes).length === 1 && waited < 10_000) {
        // No time passes while Redis has yet to answer.
        yield* redis.send("PING")
        yield* aMoment
        yield* TestClock.adjust("50 millis")
        waited += 50
      }
      assert.isAtLeast(waited, 5000)
      assert.isBelow(waited, 10_000)
      yield* Fiber.interruptAll([slow, second])
    }).pipe(Effect.provide(PolloCreditsTest.layer(Effect.never))))

  it.effect("does not remove a lease that another machine has taken", () =>
    Effect.gen(function*() {
      const [one] = yield* pair
      const failing = yield* Effect.forkChild(Effect.flip(one.get))
      yield* begun(1)
      const redis = yield* Redis.Redis
      const [lease = ""] = yield* keys("*:lease")
      yield* redis.send("SET", lease, "another machine", "PX", "60000")
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(failing)
      assert.strictEqual(yield* redis.send("GET", lease), "another machine")
    }).pipe(Effect.provide(client), Effect.provide(PolloCreditsTest.layer(delay("1 second", error.unauthorized())))))

  it.effect("gives a reading that another machine made as stale, for as long as one of its own", () =>
    Effect.gen(function*() {
      const [one, other] = yield* pair
      yield* one.get
      yield* TestClock.adjust("50 seconds")
      assert.strictEqual(yield* credits(other), 1)
      // A wall clock that was set back makes the reading no younger.
      yield* TestClock.setTime(0)
      assert.strictEqual(yield* credits(other), 1)
      yield* forgetReadings
      yield* TestClock.adjust("10 minutes")
      const stale = yield* other.get
      assert.isTrue(stale.stale)
      assert.strictEqual(stale.balance.availableCredits, 1)
      yield* TestClock.adjust("10 seconds")
      assert.strictEqual((yield* Effect.flip(other.get))._tag, "PolloServerError")
    }).pipe(Effect.provide(PolloCreditsTest.layer([1, error.serverError()]))))

  it.effect("gives no reading as stale that another machine has invalidated", () =>
    Effect.gen(function*() {
      const [one, other] = yield* pair
      yield* one.get
      yield* other.invalidate
      assert.strictEqual((yield* Effect.flip(one.get))._tag, "PolloServerError")
    }).pipe(Effect.provide(PolloCreditsTest.layer([1, error.serverError()]))))

  it.effect("does not fall back, when Redis fails, on a reading that was under way when it was invalidated", () =>
    Effect.gen(function*() {
      let down = false
      const failing = Layer.effect(
        Redis.Redis,
        Effect.map(Redis.Redis, (redis) => ({
          ...redis,
          send: (command: string, ...args: ReadonlyArray<string>) =>
            down ? Effect.fail(new Redis.RedisError({ cause: "down" })) : redis.send(command, ...args)
        }))
      ).pipe(Layer.provide(client))
      yield* pair
      const cache = yield* machineOn(failing)
      const early = yield* Effect.forkChild(credits(cache))
      yield* begun(1)
      down = true
      yield* cache.invalidate
      down = false
      yield* TestClock.adjust("1 second")
      assert.strictEqual(yield* Fiber.join(early), 1)
      down = true
      assert.strictEqual(yield* credits(cache), 2)
    }).pipe(Effect.provide(PolloCreditsTest.layer([delay("1 second", 1), 2]))))

  it.live("waits no longer than the time to live for a machine that died during its request", () =>
    Effect.gen(function*() {
      const short = { ...minute, account: "short", timeToLive: "1 second" } as const
      const dead = yield* Effect.scoped(Effect.gen(function*() {
        const fiber = yield* Effect.forkDetach(credits(yield* machineOn(client, short)))
        yield* begun(1)
        return fiber
      }))
      const cache = yield* machineOn(client, short)
      const [waited, answer] = yield* Effect.timed(credits(cache).pipe(Effect.timeout("3 seconds")))
      assert.strictEqual(answer, 2)
      assert.isAbove(Duration.toMillis(waited), 100)
      yield* Fiber.interrupt(dead)
    }).pipe(Effect.provide(PolloCreditsTest.layer([Effect.never, 2]))))

  it.live("survives a stop of Redis, and invalidates for the other machines when Redis is back", () =>
    Effect.gen(function*() {
      const [one, other] = yield* pair
      assert.deepEqual([yield* credits(one), yield* credits(other)], [1, 1])
      yield* Effect.promise(() => server.kill())
      assert.strictEqual(yield* credits(one), 1)
      yield* one.invalidate
      assert.strictEqual(yield* credits(one), 2)

      yield* Effect.promise(() => server.restart())
      yield* Effect.all([credits(one), credits(other), keys("*:generation")]).pipe(
        Effect.repeat({
          until: ([one, other, told]) => told.length > 0 && one === other,
          schedule: Schedule.spaced("100 millis")
        }),
        Effect.timeout("10 seconds"),
        Effect.provide(client)
      )
    }).pipe(
      Effect.provide(PolloCreditsTest.layer((call) => call)),
      // The Redis client warns of each attempt to connect.
      Effect.provideService(References.MinimumLogLevel, "None")
    ))
})
