import { PolloCreditsTest } from "@effect-pollo/client/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { credits, machineOn, refreshed, silentRedis } from "../support/cacheMachine.ts"

const { error } = PolloCreditsTest

describe("without an answer from Redis", () => {
  it.effect("a machine goes on alone, and waits for Redis now and then only", () => {
    let commands = 0
    return Effect.gen(function*() {
      const cache = yield* machineOn(silentRedis(() => commands++))
      const first = yield* Effect.forkChild(credits(cache))
      yield* TestClock.adjust("500 millis")
      assert.strictEqual(yield* Fiber.join(first), 1)
      assert.deepEqual([yield* credits(cache), yield* refreshed(cache), yield* credits(cache)], [1, 2, 2])
      assert.strictEqual(commands, 1)

      yield* TestClock.adjust("1 second")
      const later = yield* Effect.forkChild(credits(cache))
      yield* TestClock.adjust("500 millis")
      assert.strictEqual(yield* Fiber.join(later), 2)
      assert.strictEqual(commands, 2)
    }).pipe(Effect.provide(PolloCreditsTest.layer((call) => call)))
  })

  it.effect("it invalidates, marks stale readings and reports errors as a cache in memory does", () =>
    Effect.gen(function*() {
      const cache = yield* machineOn(silentRedis())
      const run = Effect.fnUntraced(function*<A, E>(effect: Effect.Effect<A, E>) {
        const fiber = yield* Effect.forkChild(effect)
        yield* TestClock.adjust("2 minutes")
        return yield* Fiber.join(fiber)
      })
      assert.deepInclude(yield* run(cache.get), { stale: false })
      const stale = yield* run(cache.get)
      assert.strictEqual(stale.stale && stale.error._tag, "PolloServerError")
      yield* run(cache.invalidate)
      assert.strictEqual((yield* run(Effect.flip(cache.get)))._tag, "PolloServerError")
    }).pipe(Effect.provide(PolloCreditsTest.layer([1, error.serverError()]))))
})
