import type { CreditBalance, PolloConfigError, PolloCredits, PolloError } from "@effect-pollo/client"
import { BalanceCache } from "@effect-pollo/client/BalanceCache"
import { PolloCreditsTest } from "@effect-pollo/client/testing"
import { assert, describe, expectTypeOf, it } from "@effect/vitest"
import { DateTime, type Duration, Effect, Fiber, Layer, Scheduler } from "effect"
import { TestClock } from "effect/testing"
import { cached, credits, outcomes, refreshed } from "../support/cached.ts"

const { delay, error } = PolloCreditsTest

const minute = { timeToLive: "1 minute" } as const

/** Runs what can run without time passing. */
const settle = TestClock.adjust(0)

describe("types", () => {
  it("promise a layer that fails only for its options, and a reading whose type tells fresh from stale", () => {
    expectTypeOf(BalanceCache.layer(minute)).toEqualTypeOf<Layer.Layer<BalanceCache, PolloConfigError, PolloCredits>>()
    expectTypeOf(BalanceCache.get).toEqualTypeOf<Effect.Effect<BalanceCache.Reading, PolloError, BalanceCache>>()
    expectTypeOf(BalanceCache.refresh).toEqualTypeOf<Effect.Effect<BalanceCache.Fresh, PolloError, BalanceCache>>()
    expectTypeOf<BalanceCache.Reading>().toExtend<
      { readonly balance: CreditBalance; readonly observedAt: DateTime.Utc; readonly stale: boolean }
    >()
    expectTypeOf<BalanceCache.Reading>().not.toExtend<BalanceCache.Fresh>()
  })
})

describe("get", () => {
  it.effect("asks once within the time to live, and again when it is over", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* credits, 1)
      yield* TestClock.adjust("59999 millis")
      assert.strictEqual(yield* credits, 1)
      yield* TestClock.adjust("1 millis")
      assert.strictEqual(yield* credits, 2)
    }).pipe(cached(minute, (call) => call)))

  it.effect("counts the time to live from the end of the response, and says when that was", () =>
    Effect.gen(function*() {
      const fiber = yield* Effect.forkChild(BalanceCache.get)
      yield* TestClock.adjust("10 seconds")
      const reading = yield* Fiber.join(fiber)
      assert.deepEqual(reading.observedAt, DateTime.makeUnsafe(10_000))
      assert.isFalse(reading.stale)
      yield* TestClock.adjust("59 seconds")
      assert.deepEqual(yield* BalanceCache.get, reading)
    }).pipe(cached(minute, [delay("10 seconds", 1), 2])))

  it.effect("does not take a step of the wall clock for the passing of time", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(1_000_000)
      assert.strictEqual(yield* credits, 1)
      yield* TestClock.setTime(0)
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(yield* credits, 2)
    }).pipe(cached(minute, (call) => call)))

  it.effect("shares one request between concurrent callers", () =>
    Effect.gen(function*() {
      const fiber = yield* Effect.forkChild(Effect.all(Array.from({ length: 200 }, () => BalanceCache.get), {
        concurrency: "unbounded"
      }))
      yield* TestClock.adjust("1 second")
      const readings = yield* Fiber.join(fiber)
      assert.strictEqual(new Set(readings).size, 1)
      assert.deepEqual(yield* outcomes, ["Success"])
    }).pipe(cached(minute, delay("1 second", 5))))

  it.effect("shares it also with those who give way to others between two of its own steps", () =>
    Effect.gen(function*() {
      for (let turns = 0; turns < 30; turns++) {
        for (let steps = 0; steps < 12; steps++) {
          yield* BalanceCache.invalidate
          const before = (yield* outcomes).length
          const first = yield* Effect.forkChild(credits)
          for (let turn = 0; turn < turns; turn++) yield* Effect.yieldNow
          const second = yield* Effect.forkChild(
            Effect.gen(function*() {
              for (let step = 0; step < steps; step++) yield* Effect.sync(() => step)
              return yield* credits
            }).pipe(Effect.provideService(Scheduler.MaxOpsBeforeYield, 12))
          )
          yield* Effect.all([Fiber.join(first), Fiber.join(second)])
          assert.strictEqual((yield* outcomes).length, before + 1)
        }
      }
    }).pipe(cached(minute, Effect.as(Effect.yieldNow, 5))))

  it.effect("tells every waiter of a failure, and asks again after the time to live", () =>
    Effect.gen(function*() {
      const both = yield* Effect.forkChild(
        Effect.all([Effect.flip(credits), Effect.flip(credits)], { concurrency: "unbounded" })
      )
      yield* TestClock.adjust("1 second")
      assert.deepEqual((yield* Fiber.join(both)).map((error) => error._tag), ["PolloServerError", "PolloServerError"])
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(yield* credits, 5)
      assert.deepEqual(yield* outcomes, ["PolloServerError", "Success"])
    }).pipe(cached(minute, [delay("1 second", error.serverError()), 5])))

  it.effect("goes on for the other callers when one that waits is interrupted, even the first", () =>
    Effect.gen(function*() {
      const first = yield* Effect.forkChild(credits)
      const second = yield* Effect.forkChild(credits)
      yield* settle
      yield* Fiber.interrupt(first)
      yield* TestClock.adjust("1 second")
      assert.strictEqual(yield* Fiber.join(second), 5)
      assert.deepEqual(yield* outcomes, ["Success"])
    }).pipe(cached(minute, delay("1 second", 5))))

  it.effect("aborts the request when the last one who waits is interrupted", () =>
    Effect.gen(function*() {
      const fibers = [yield* Effect.forkChild(credits), yield* Effect.forkChild(credits)]
      yield* settle
      yield* Fiber.interruptAll(fibers)
      assert.deepEqual(yield* outcomes, ["Interrupted"])
      assert.strictEqual(yield* credits, 5)
    }).pipe(cached(minute, [Effect.never, 5])))

  it.effect("asks anew while a request that nobody waits for is still being aborted", () =>
    Effect.gen(function*() {
      const first = yield* Effect.forkChild(credits)
      yield* settle
      const interruption = yield* Effect.forkChild(Fiber.interrupt(first))
      yield* settle
      assert.strictEqual(yield* credits, 5)
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(interruption)
    }).pipe(cached(minute, [Effect.never.pipe(Effect.onInterrupt(() => Effect.sleep("1 second"))), 5])))

  it.effect("keeps nothing for a time to live of zero, and still shares requests", () =>
    Effect.gen(function*() {
      const both = yield* Effect.forkChild(Effect.all([credits, credits], { concurrency: "unbounded" }))
      yield* TestClock.adjust("1 second")
      assert.deepEqual(yield* Fiber.join(both), [1, 1])
      const third = yield* Effect.forkChild(credits)
      yield* TestClock.adjust("1 second")
      assert.strictEqual(yield* Fiber.join(third), 2)
    }).pipe(cached({ timeToLive: 0, staleIfError: 0 }, (call) => delay("1 second", call))))

  const mistakes: ReadonlyArray<Duration.Input> = [-1, Number.NaN, "-5 seconds", { seconds: Number.NaN }, -Infinity]
  it.effect.each(mistakes)(
    "is not switched off by a mistyped time of %j: nothing is built",
    (time) =>
      Effect.gen(function*() {
        const built = (options: BalanceCache.Options) => Effect.flip(Layer.build(BalanceCache.layer(options)))
        assert.strictEqual((yield* built({ timeToLive: time })).field, "timeToLive")
        assert.strictEqual((yield* built({ timeToLive: 1, staleIfError: time })).field, "staleIfError")
      }).pipe(Effect.scoped, Effect.provide(PolloCreditsTest.layer()))
  )

  it.effect("keeps a reading for ever when told so", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* credits, 1)
      yield* TestClock.adjust("1000 days")
      assert.strictEqual(yield* credits, 1)
    }).pipe(cached({ timeToLive: "Infinity" }, (call) => call)))
})

describe("refresh", () => {
  it.effect("asks although the reading is fresh, and replaces it", () =>
    Effect.gen(function*() {
      assert.deepEqual(yield* Effect.all([credits, refreshed, credits]), [1, 2, 2])
    }).pipe(cached(minute, (call) => call)))

  it.effect("is not answered by a request that began before it, nor held up by one", () =>
    Effect.gen(function*() {
      const earlier = yield* Effect.forkChild(credits)
      yield* settle
      assert.strictEqual(yield* refreshed, 2)
      assert.isUndefined(earlier.pollUnsafe())
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(yield* Fiber.join(earlier), 1)
    }).pipe(cached(minute, [delay("1 minute", 1), 2])))

  it.effect("is shared by those who come while it is under way", () =>
    Effect.gen(function*() {
      yield* credits
      yield* TestClock.adjust("1 minute")
      const refresh = yield* Effect.forkChild(refreshed)
      const joined = yield* Effect.forkChild(credits)
      yield* TestClock.adjust("1 second")
      assert.deepEqual([yield* Fiber.join(refresh), yield* Fiber.join(joined)], [2, 2])
    }).pipe(cached(minute, [1, delay("1 second", 2), 3])))

  it.effect("does not let an older response replace a newer one", () =>
    Effect.gen(function*() {
      const older = yield* Effect.forkChild(credits)
      yield* settle
      assert.strictEqual(yield* refreshed, 2)
      yield* TestClock.adjust("1 second")
      assert.strictEqual(yield* Fiber.join(older), 1)
      assert.strictEqual(yield* credits, 2)
    }).pipe(cached(minute, [delay("1 second", 1), 2])))

  it.effect("leaves the reading in store when it fails, and is never answered by it", () =>
    Effect.gen(function*() {
      yield* credits
      assert.strictEqual((yield* Effect.flip(refreshed))._tag, "PolloTransportError")
      assert.strictEqual(yield* credits, 1)
    }).pipe(cached({ ...minute, staleIfError: "1 hour" }, [1, error.transportError()])))
})

describe("invalidate", () => {
  it.effect("forgets the reading", () =>
    Effect.gen(function*() {
      assert.deepEqual(yield* Effect.all([credits, BalanceCache.invalidate, credits]), [1, undefined, 2])
    }).pipe(cached(minute, (call) => call)))

  it.effect("keeps a request under way from being stored or joined; it answers those who wait", () =>
    Effect.gen(function*() {
      const earlier = yield* Effect.forkChild(credits)
      yield* settle
      yield* BalanceCache.invalidate
      const later = yield* Effect.forkChild(credits)
      yield* TestClock.adjust("1 second")
      assert.strictEqual(yield* Fiber.join(earlier), 1)
      yield* TestClock.adjust("1 second")
      assert.strictEqual(yield* Fiber.join(later), 2)
      assert.strictEqual(yield* credits, 2)
    }).pipe(cached(minute, (call) => delay(call * 1000, call))))

  it.effect("leaves nothing in store when only a request from before it succeeds", () =>
    Effect.gen(function*() {
      const earlier = yield* Effect.forkChild(credits)
      yield* settle
      yield* BalanceCache.invalidate
      yield* TestClock.adjust("1 second")
      assert.strictEqual(yield* Fiber.join(earlier), 1)
      assert.strictEqual(yield* credits, 2)
    }).pipe(cached(minute, [delay("1 second", 1), 2])))
})
