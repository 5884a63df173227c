import { type BalanceEvent, BalanceWatch } from "@effect-pollo/client/BalanceWatch"
import { PolloCreditsTest } from "@effect-pollo/client/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { TestClock } from "effect/testing"
import { short, steady, tell, watch } from "../support/watching.ts"

const { error } = PolloCreditsTest

describe("a watch that cannot read the balance", () => {
  it.effect("says once that it cannot read, how long that lasted, and what has changed meanwhile", () =>
    Effect.gen(function*() {
      const told = yield* tell([50, error.serverError(), error.transportError(), 150, error.timeout(), 150])
      assert.deepEqual(told, [
        "Observed 50",
        "Low 50",
        "Unreachable PolloServerError",
        "Reachable 3m",
        "Observed 150",
        "ToppedUp 100",
        "Recovered 150",
        "Unreachable PolloTimeout",
        "Reachable 1m",
        "Observed 150"
      ])
    }))

  it.effect("begins with Unreachable when the first reading fails", () =>
    Effect.gen(function*() {
      assert.deepEqual(yield* tell([error.rateLimited(), 200]), [
        "Unreachable PolloRateLimited",
        "Reachable 1m",
        "Observed 200"
      ])
    }))

  it.effect("measures an outage by the monotonic clock", () =>
    Effect.gen(function*() {
      const events: Array<BalanceEvent> = []
      yield* BalanceWatch.stream(steady).pipe(
        Stream.runForEach((event) => Effect.sync(() => events.push(event))),
        Effect.forkChild
      )
      yield* TestClock.adjust("30 seconds")
      yield* TestClock.setTime(0)
      yield* TestClock.adjust("1 minute")
      assert.deepEqual(events.map(short), ["Unreachable PolloServerError", "Reachable 1m 30s", "Observed 200"])
    }).pipe(Effect.provide(PolloCreditsTest.layer([error.serverError(), 200]))))

  const passing = [
    error.rateLimited(),
    error.serverError(),
    error.apiError({ status: 408 }),
    error.transportError(),
    error.timeout({ phase: "attempt" }),
    error.timeout({ phase: "deadline" })
  ]
  it.effect.each(passing)("survives what may pass: $_tag $phase", (failure) =>
    Effect.gen(function*() {
      const { events, failure: end } = yield* watch(3)
      assert.isUndefined(end)
      assert.deepEqual(events.map((event) => event._tag), ["Observed", "Unreachable", "Reachable", "Observed"])
      assert.strictEqual(events[1]?._tag === "Unreachable" && events[1].error, failure)
    }).pipe(Effect.provide(PolloCreditsTest.layer([200, failure, 200]))))

  const final = [
    error.badRequest(),
    error.unauthorized(),
    error.forbidden(),
    error.notFound(),
    error.apiError(),
    error.serverError({ status: 501 }),
    error.invalidResponse()
  ]
  it.effect.each(final)(
    "ends at once with an error that somebody has to act upon before it has read: $_tag",
    (failure) =>
      Effect.gen(function*() {
        const { events, failure: end } = yield* watch(5)
        assert.strictEqual(end, failure)
        assert.deepEqual(events.map((event) => event._tag), ["Unreachable"])
      }).pipe(Effect.provide(PolloCreditsTest.layer([error.serverError(), failure])))
  )

  it.effect.each(final)(
    "ends with the third such error in a row after a reading: $_tag",
    (failure) =>
      Effect.gen(function*() {
        const { events, failure: end } = yield* watch(9)
        assert.strictEqual(end, failure)
        assert.deepEqual(events.map((event) => event._tag), ["Observed", "Unreachable"])
        assert.lengthOf(yield* PolloCreditsTest.calls, 4)
      }).pipe(Effect.provide(PolloCreditsTest.layer([200, failure, failure, failure, 200])))
  )

  it.effect("continues after two such errors, also when others come between them", () =>
    Effect.gen(function*() {
      const { events, failure: end } = yield* watch(10)
      assert.isUndefined(end)
      assert.deepEqual(events.map((event) => event._tag), [
        "Observed",
        "Unreachable",
        "Reachable",
        "Observed",
        "Unreachable",
        "Reachable",
        "Observed"
      ])
    }).pipe(Effect.provide(PolloCreditsTest.layer([
      200,
      error.unauthorized(),
      error.notFound(),
      error.serverError({ status: 522 }),
      error.unauthorized(),
      error.notFound(),
      200,
      error.unauthorized(),
      error.unauthorized(),
      200
    ]))))
})
