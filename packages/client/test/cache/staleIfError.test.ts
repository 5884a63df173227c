import { BalanceCache } from "@effect-pollo/client/BalanceCache"
import { PolloCreditsTest } from "@effect-pollo/client/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { cached, credits, refreshed } from "../support/cached.ts"

const { delay, error } = PolloCreditsTest

/** Runs what can run without time passing. */
const settle = TestClock.adjust(0)

describe("staleIfError", () => {
  const lenient = { timeToLive: "1 minute", staleIfError: "10 minutes" } as const

  it.effect("gives the old reading, marked and with the error, for that long after its time to live", () =>
    Effect.gen(function*() {
      const fresh = yield* BalanceCache.get
      assert.isFalse(fresh.stale)
      yield* TestClock.adjust("10 minutes")
      const stale = yield* BalanceCache.get
      assert.deepInclude(stale, { balance: fresh.balance, observedAt: fresh.observedAt, stale: true })
      assert.strictEqual(stale.stale && stale.error._tag, "PolloServerError")
      yield* TestClock.adjust("1 minute")
      assert.strictEqual((yield* Effect.flip(BalanceCache.get))._tag, "PolloServerError")
    }).pipe(cached(lenient, [5, error.serverError()])))

  it.effect("asks again after another time to live, and is fresh once the server answers", () =>
    Effect.gen(function*() {
      yield* credits
      yield* TestClock.adjust("2 minutes")
      assert.isTrue((yield* BalanceCache.get).stale)
      yield* TestClock.adjust("1 minute")
      assert.deepInclude(yield* BalanceCache.get, { stale: false })
      assert.strictEqual(yield* credits, 7)
    }).pipe(cached(lenient, [5, error.timeout({ phase: "deadline" }), 7])))

  const needSomebody = [
    error.unauthorized(),
    error.forbidden(),
    error.badRequest(),
    error.notFound(),
    error.apiError(),
    error.serverError({ status: 501 }),
    error.invalidResponse()
  ]
  it.effect.each(needSomebody)(
    "does not hide an error that somebody has to act upon: $_tag",
    (failure) =>
      Effect.gen(function*() {
        yield* credits
        yield* TestClock.adjust("2 minutes")
        assert.strictEqual(yield* Effect.flip(credits), failure)
      }).pipe(cached(lenient, [5, failure]))
  )

  it.effect("has nothing to give before the first reading, nor after invalidate", () =>
    Effect.gen(function*() {
      yield* Effect.flip(credits)
      yield* TestClock.adjust("1 minute")
      yield* credits
      yield* BalanceCache.invalidate
      yield* Effect.flip(credits)
    }).pipe(cached(lenient, [error.rateLimited(), 5, error.rateLimited()])))

  it.effect("gives the fresh reading of a refresh to callers whose older request failed", () =>
    Effect.gen(function*() {
      const older = yield* Effect.forkChild(BalanceCache.get)
      yield* settle
      yield* refreshed
      yield* TestClock.adjust("1 second")
      assert.deepInclude(yield* Fiber.join(older), { stale: false })
    }).pipe(cached(lenient, [delay("1 second", error.serverError()), 2])))

  it.effect("is off unless asked for", () =>
    Effect.gen(function*() {
      yield* credits
      yield* TestClock.adjust("1 minute")
      assert.strictEqual((yield* Effect.flip(credits))._tag, "PolloServerError")
    }).pipe(cached({ timeToLive: "1 minute" }, [5, error.serverError()])))
})
