import { BalanceWatch } from "@effect-pollo/client/BalanceWatch"
import { PolloCreditsTest } from "@effect-pollo/client/testing"
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect, Fiber, Random, Stream } from "effect"
import { TestClock } from "effect/testing"
import { steady, watch } from "../support/watching.ts"

const { delay, error } = PolloCreditsTest

const started = Effect.map(
  PolloCreditsTest.calls,
  (calls) => calls.map((call) => DateTime.toEpochMillis(call.startedAt))
)

const gaps = Effect.map(started, (times) => times.slice(1).map((time, index) => time - (times[index] ?? 0)))

describe("the pace of a watch", () => {
  it.effect("waits twice as long after each failure in a row, up to a limit, and returns to its pace", () =>
    Effect.gen(function*() {
      yield* watch(10)
      assert.deepEqual((yield* gaps).map((millis) => millis / 60_000), [1, 1, 2, 4, 8, 8, 8, 1, 1])
    }).pipe(
      Effect.provide(
        PolloCreditsTest.layer((call) =>
          call === 1 || call > 7 ? (call === 9 ? error.serverError() : 200) : error.timeout()
        )
      )
    ))

  it.effect("waits as long as the server asks, up to the limit", () =>
    Effect.gen(function*() {
      yield* watch(4, { ...steady, maxWait: "10 minutes" })
      assert.deepEqual((yield* gaps).map((millis) => millis / 60_000), [5, 10, 1])
    }).pipe(
      Effect.provide(PolloCreditsTest.layer([
        error.rateLimited({ retryAfter: "5 minutes" }),
        error.serverError({ retryAfter: "3 days" }),
        200
      ]))
    ))

  const paced: ReadonlyArray<readonly [string, PolloCreditsTest.Step]> = [
    ["while it can read", 1000],
    ["during an outage", error.serverError()]
  ]
  it.effect.each(paced)(
    "polls with jitter, never later than asked, each machine in its own step: %s",
    ([, step]) =>
      Effect.gen(function*() {
        const pace = (seed: string) =>
          Effect.andThen(watch(30, { every: "10 minutes", lowAt: 0, maxWait: "10 minutes" }), gaps).pipe(
            Random.withSeed(seed),
            Effect.provide(PolloCreditsTest.layer(step))
          )
        const one = yield* pace("one")
        const other = yield* pace("other")
        for (const millis of [...one, ...other]) {
          assert.isAtMost(millis, 600_000)
          assert.isAbove(millis, 540_000)
        }
        assert.isAbove(new Set(one).size, 25)
        assert.isAbove(Math.max(...one) - Math.min(...one), 40_000)
        assert.notDeepEqual(one, other)
      })
  )

  it.effect("waits until its events are consumed", () =>
    Effect.gen(function*() {
      const fiber = yield* BalanceWatch.stream(steady).pipe(
        Stream.runForEach(() => Effect.sleep("10 minutes")),
        Effect.forkChild
      )
      yield* TestClock.adjust("22 minutes")
      yield* Fiber.interrupt(fiber)
      assert.deepEqual((yield* started).map((millis) => millis / 60_000), [0, 11, 22])
    }).pipe(Effect.provide(PolloCreditsTest.layer())))

  it.effect("aborts the reading under way when it is interrupted", () =>
    Effect.gen(function*() {
      const fiber = yield* Effect.forkChild(Stream.runDrain(BalanceWatch.stream(steady)))
      yield* TestClock.adjust("1 second")
      yield* Fiber.interrupt(fiber)
      assert.deepEqual((yield* PolloCreditsTest.calls).map((call) => call.outcome), ["Interrupted"])
    }).pipe(Effect.provide(PolloCreditsTest.layer(Effect.never))))

  it.effect("counts `every` from the end of a reading", () =>
    Effect.gen(function*() {
      yield* watch(3)
      assert.deepEqual((yield* started).map((millis) => millis / 1000), [0, 90, 180])
    }).pipe(Effect.provide(PolloCreditsTest.layer(delay("30 seconds", 200)))))
})
