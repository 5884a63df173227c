import type { CreditBalance, PolloConfigError, PolloCredits, PolloError } from "@effect-pollo/client"
import { BalanceCache } from "@effect-pollo/client/BalanceCache"
import { PolloCreditsTest } from "@effect-pollo/client/testing"
import { assert, describe, expectTypeOf, it } from "@effect/vitest"
import { DateTime, type Duration, Effect, Fiber, Layer, Scheduler } from "effect"
import { TestClock } from "effect/testing"
import * as fc from "fast-check"

/** Random histories; the long run has more. */
const numRuns = Number(process.env["POLLO_TEST_HISTORIES"] ?? 1000)

const { delay, error } = PolloCreditsTest

const cached = (options: BalanceCache.Options, script?: PolloCreditsTest.Script) =>
  Effect.provide(BalanceCache.layer(options).pipe(Layer.provideMerge(PolloCreditsTest.layer(script))))

const minute = { timeToLive: "1 minute" } as const

const credits = Effect.map(BalanceCache.get, (reading) => reading.balance.availableCredits)
const refreshed = Effect.map(BalanceCache.refresh, (reading) => reading.balance.availableCredits)
const outcomes = Effect.map(PolloCreditsTest.calls, (calls) => calls.map((call) => call.outcome))

/** Runs what can run without time passing. */
const settle = TestClock.adjust(0)

describe("types", () => {
  it("promise a layer that fails for its options alone and a reading that tells fresh from stale", () => {
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

  it.effect("goes on for the others when one who waits is interrupted, be it the first", () =>
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

  it.effect("gives the fresh reading of a refresh to those whose older request failed", () =>
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
    }).pipe(cached(minute, [5, error.serverError()])))
})

describe("any history", () => {
  const op = fc.oneof(
    { weight: 4, arbitrary: fc.constant({ op: "get" } as const) },
    { weight: 1, arbitrary: fc.constant({ op: "refresh" } as const) },
    { weight: 1, arbitrary: fc.constant({ op: "invalidate" } as const) },
    { weight: 2, arbitrary: fc.record({ op: fc.constant("interrupt" as const), nth: fc.nat(9) }) },
    { weight: 3, arbitrary: fc.record({ op: fc.constant("wait" as const), millis: fc.integer({ min: 1, max: 90 }) }) }
  )
  const call = fc.record({ millis: fc.nat(60), fails: fc.boolean() })
  const timeToLive = 50

  interface Asked {
    readonly op: "get" | "refresh"
    readonly fiber: Fiber.Fiber<number, PolloError>
    readonly at: number
    /** Calls that had begun, those that had before the last `invalidate`, and when each of them had ended. */
    readonly begun: number
    readonly invalid: number
    readonly ended: ReadonlyArray<number | undefined>
  }

  const endTimes = Effect.map(
    PolloCreditsTest.calls,
    (calls) => calls.map((call) => call.endedAt === undefined ? undefined : DateTime.toEpochMillis(call.endedAt))
  )

  const history = Effect.fnUntraced(function*(ops: ReadonlyArray<typeof op extends fc.Arbitrary<infer A> ? A : never>) {
    const asked: Array<Asked> = []
    let at = 0
    let invalid = 0
    for (const step of ops) {
      if (step.op === "get" || step.op === "refresh") {
        const ended = yield* endTimes
        const fiber = yield* Effect.forkChild(step.op === "get" ? credits : refreshed)
        asked.push({ op: step.op, fiber, at, begun: ended.length, invalid, ended })
      } else if (step.op === "invalidate") {
        invalid = (yield* endTimes).length
        yield* BalanceCache.invalidate
      } else if (step.op === "interrupt") {
        const waiting = asked.filter(({ fiber }) => fiber.pollUnsafe() === undefined)
        const one = waiting[step.nth % Math.max(1, waiting.length)]
        if (one !== undefined) yield* Fiber.interrupt(one.fiber)
      } else {
        yield* TestClock.adjust(step.millis)
        at += step.millis
      }
      yield* settle
      const running = (yield* outcomes).filter((outcome) => outcome === "Running").length
      const waiting = asked.filter(({ fiber }) => fiber.pollUnsafe() === undefined).length
      assert.isAtMost(running, waiting, "a request that nobody waits for")
    }
    yield* TestClock.adjust("1 minute")

    for (const { at, begun, ended, fiber, invalid, op } of asked) {
      const exit = fiber.pollUnsafe()
      assert.isDefined(exit, "a caller that waits for ever")
      if (exit?._tag !== "Success") continue
      const answer = exit.value
      assert.isAbove(answer, op === "refresh" ? begun : invalid, "answered by a request that began too early")
      const end = ended[answer - 1]
      if (end !== undefined) assert.isBelow(at - end, timeToLive, "answered by a reading that was too old")
    }
    return yield* PolloCreditsTest.calls
  })

  it.effect(
    "gives nobody an old answer, lets nobody wait for ever, and sends no request that nobody waits for",
    () =>
      Effect.promise(() =>
        fc.assert(
          fc.asyncProperty(
            fc.array(op, { minLength: 1, maxLength: 40 }),
            fc.array(call, { minLength: 1, maxLength: 8 }),
            async (ops, script) => {
              const calls = await Effect.runPromise(
                history(ops).pipe(
                  cached({ timeToLive }, (number) => {
                    const { fails, millis } = script[number % script.length] ?? { fails: false, millis: 0 }
                    return delay(millis, fails ? error.serverError() : number)
                  }),
                  Effect.provide(TestClock.layer())
                )
              )
              if (ops.some(({ op }) => op === "refresh" || op === "invalidate")) return
              for (const [index, { startedAt }] of calls.entries()) {
                const before = calls[index - 1]
                if (before?.endedAt !== undefined) {
                  assert.isTrue(DateTime.isLessThanOrEqualTo(before.endedAt, startedAt), "two requests at once")
                }
              }
            }
          ),
          { numRuns }
        )
      ),
    { timeout: 10_000 + 20 * numRuns }
  )
})
