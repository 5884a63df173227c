import { PolloCredits, RequestPolicy } from "@effect-pollo/client"
import { BalanceCache } from "@effect-pollo/client/BalanceCache"
import { PolloCreditsTest } from "@effect-pollo/client/testing"
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Fiber, Layer, Tracer } from "effect"
import { TestClock } from "effect/testing"
import { withWallClock } from "../support/clocks.ts"
import { hang, ok, scripted, status } from "../support/scripted.ts"

const { delay, error } = PolloCreditsTest

const cached = (options: BalanceCache.Options, script?: PolloCreditsTest.Script) =>
  Effect.provide(BalanceCache.layer(options).pipe(Layer.provideMerge(PolloCreditsTest.layer(script))))

const requests = Effect.map(PolloCreditsTest.calls, (calls) => calls.length)
const retryAfter = (input: Duration.Input) => error.rateLimited({ retryAfter: Duration.fromInputUnsafe(input) })
const lenient = { timeToLive: "1 minute", staleIfError: "2 hours" } as const

describe("a vendor that fails for a while", () => {
  it.effect("is asked again after the time to live, when it named no time", () =>
    Effect.gen(function*() {
      yield* Effect.flip(BalanceCache.get)
      yield* TestClock.adjust("59 seconds")
      yield* Effect.flip(BalanceCache.get)
      assert.strictEqual(yield* requests, 1)
      yield* TestClock.adjust("1 second")
      assert.strictEqual((yield* BalanceCache.get).balance.availableCredits, 7)
      assert.strictEqual(yield* requests, 2)
    }).pipe(cached({ timeToLive: "1 minute" }, [error.timeout({ phase: "deadline" }), 7])))

  it.effect("is asked again when the time that it asked for is over, and its last reading serves meanwhile", () =>
    Effect.gen(function*() {
      yield* BalanceCache.get
      yield* TestClock.adjust("1 minute")
      for (let minute = 0; minute < 4; minute++) {
        const reading = yield* BalanceCache.get
        assert.isTrue(reading.stale)
        assert.strictEqual(reading.balance.availableCredits, 5)
        yield* TestClock.adjust("1 minute")
      }
      assert.strictEqual(yield* requests, 2)
      assert.deepInclude(yield* BalanceCache.get, { stale: false })
    }).pipe(cached(lenient, [5, retryAfter("4 minutes"), 7])))

  it.effect("bounds what a server can ask for by maxBackoff, 5 minutes by default", () =>
    Effect.gen(function*() {
      yield* Effect.flip(BalanceCache.get)
      yield* TestClock.adjust("299 seconds")
      yield* Effect.flip(BalanceCache.get)
      assert.strictEqual(yield* requests, 1)
      yield* TestClock.adjust("1 second")
      yield* BalanceCache.get
    }).pipe(cached({ timeToLive: "1 minute" }, [retryAfter("365 days"), 7])))

  it.effect("takes a maxBackoff of the caller's", () =>
    Effect.gen(function*() {
      yield* Effect.flip(BalanceCache.get)
      yield* TestClock.adjust("30 seconds")
      yield* BalanceCache.get
    }).pipe(cached({ timeToLive: "1 second", maxBackoff: "30 seconds" }, [retryAfter("1 hour"), 7])))

  it.effect("fails callers without a reading with the same error, no attempt, and the time that is left", () =>
    Effect.gen(function*() {
      const failures = [
        retryAfter("4 minutes"),
        error.serverError({ retryAfter: Duration.minutes(4) }),
        error.invalidResponse({ reason: "Intercepted", retryAfter: Duration.minutes(4) })
      ]
      for (const failure of failures) {
        yield* Effect.gen(function*() {
          assert.strictEqual(yield* Effect.flip(BalanceCache.get), failure)
          yield* TestClock.adjust("90 seconds")
          const again = yield* Effect.flip(BalanceCache.get)
          assert.deepInclude(again, { _tag: failure._tag, message: failure.message, attempts: 0 })
          assert.deepEqual("retryAfter" in again && again.retryAfter, Duration.seconds(150))
          assert.isTrue(again.isTransient)
        }).pipe(cached({ timeToLive: "1 minute" }, failure))
      }
    }))

  it.effect("is asked by refresh at any time, and a success ends the outage", () =>
    Effect.gen(function*() {
      yield* Effect.flip(BalanceCache.get)
      yield* Effect.flip(BalanceCache.refresh)
      yield* BalanceCache.refresh
      yield* BalanceCache.invalidate
      assert.strictEqual((yield* BalanceCache.get).balance.availableCredits, 8)
    }).pipe(cached(lenient, [retryAfter("4 minutes"), retryAfter("4 minutes"), 7, 8])))

  it.effect("is left alone also after invalidate, which forgets the reading alone", () =>
    Effect.gen(function*() {
      yield* BalanceCache.get
      yield* Effect.flip(BalanceCache.refresh)
      yield* BalanceCache.invalidate
      yield* Effect.flip(BalanceCache.get)
      assert.strictEqual(yield* requests, 2)
    }).pipe(cached(lenient, [5, retryAfter("4 minutes"), 7])))

  it.effect("keeps no error that somebody has to act upon", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* Effect.flip(BalanceCache.get))._tag, "PolloUnauthorized")
      assert.strictEqual((yield* BalanceCache.get).balance.availableCredits, 7)
    }).pipe(cached(lenient, [error.unauthorized(), 7])))

  it.effect("that hangs delays callers with a stale reading only for a second, when it is asked again", () =>
    Effect.gen(function*() {
      yield* BalanceCache.get
      yield* TestClock.adjust("1 minute")
      const first = yield* Effect.forkChild(BalanceCache.get)
      yield* TestClock.adjust("30 seconds")
      assert.isTrue((yield* Fiber.join(first)).stale)
      assert.isTrue((yield* BalanceCache.get).stale)
      yield* TestClock.adjust("1 minute")
      const asksAgain = yield* Effect.forkChild(BalanceCache.get)
      yield* TestClock.adjust("1 second")
      assert.isTrue((yield* Fiber.join(asksAgain)).stale)
      yield* TestClock.adjust("5 seconds")
      assert.deepInclude(yield* BalanceCache.get, { stale: false })
      assert.strictEqual(yield* requests, 3)
    }).pipe(
      cached(lenient, [5, delay("30 seconds", error.timeout({ phase: "deadline" })), delay("6 seconds", 7)])
    ))
})

describe("whose request it is", () => {
  it.effect("belongs to no caller: neither a caller's override nor its span reaches it", () =>
    Effect.gen(function*() {
      const { credits, sent } = yield* scripted(
        { policy: { backoff: { base: "1 second", jitter: 0 } } },
        status(503),
        ok
      )
      const layer = BalanceCache.layer({ timeToLive: "1 minute" }).pipe(
        Layer.provide(Layer.succeed(PolloCredits, credits))
      )
      yield* Effect.gen(function*() {
        const fiber = yield* BalanceCache.get.pipe(
          RequestPolicy.override({ maxRetries: 0 }),
          Effect.withSpan("caller"),
          Effect.forkChild
        )
        yield* TestClock.adjust("1 second")
        assert.isFalse((yield* Fiber.join(fiber)).stale)
        assert.strictEqual(yield* sent, 2)
      }).pipe(Effect.provide(layer))
    }))

  it.effect("has no parent among the spans of its callers", () =>
    Effect.gen(function*() {
      const parents: Array<unknown> = []
      const credits = Layer.succeed(PolloCredits, {
        getBalance: Effect.andThen(
          Effect.map(Effect.serviceOption(Tracer.ParentSpan), (span) => void parents.push(span._tag)),
          Effect.fail(error.timeout())
        )
      })
      yield* Effect.flip(BalanceCache.get).pipe(
        Effect.withSpan("caller"),
        Effect.provide(BalanceCache.layer({ timeToLive: 1 }).pipe(Layer.provide(credits)))
      )
      assert.deepEqual(parents, ["None"])
    }))

  it.effect("is aborted when the last one who waits for it goes", () =>
    Effect.gen(function*() {
      const { credits, sent } = yield* scripted({}, hang)
      yield* Effect.gen(function*() {
        const fiber = yield* Effect.forkChild(BalanceCache.get)
        yield* TestClock.adjust(0)
        assert.strictEqual(yield* sent, 1)
        yield* Fiber.interrupt(fiber)
      }).pipe(
        Effect.provide(
          BalanceCache.layer({ timeToLive: "1 minute" }).pipe(Layer.provide(Layer.succeed(PolloCredits, credits)))
        )
      )
    }))
})

describe("two clocks", () => {
  const cases = [
    ["a machine that was suspended for 8 hours asks again", 8 * 3_600_000, 2],
    ["a wall clock that is set back makes no reading older or younger", -8 * 3_600_000, 1]
  ] as const
  it.effect.each(cases)("%s", ([, step, expected]) =>
    withWallClock((move) =>
      Effect.gen(function*() {
        assert.strictEqual((yield* BalanceCache.get).balance.availableCredits, 1)
        yield* move(step)
        assert.strictEqual((yield* BalanceCache.get).balance.availableCredits, expected)
        yield* TestClock.adjust("1 minute")
        assert.strictEqual((yield* BalanceCache.get).balance.availableCredits, expected + 1)
      }).pipe(cached({ timeToLive: "1 minute" }, (call) => call))
    ))

  it.effect("a pause ends with a suspension, and is not lengthened by a clock that is set back", () =>
    withWallClock((move) =>
      Effect.gen(function*() {
        yield* Effect.flip(BalanceCache.get)
        yield* move(3_600_000)
        yield* Effect.flip(BalanceCache.get)
        assert.strictEqual(yield* requests, 2)
        yield* move(-7_200_000)
        yield* TestClock.adjust("4 minutes")
        yield* BalanceCache.get
        assert.strictEqual(yield* requests, 3)
      }).pipe(cached({ timeToLive: "1 minute" }, [retryAfter("4 minutes"), retryAfter("4 minutes"), 7]))
    ))
})
