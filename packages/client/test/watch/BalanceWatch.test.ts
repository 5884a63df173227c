import { PolloConfigError, type PolloCredits, type PolloError } from "@effect-pollo/client"
import * as watching from "@effect-pollo/client/BalanceWatch"
import { BalanceEvent, BalanceWatch } from "@effect-pollo/client/BalanceWatch"
import { PolloCreditsTest } from "@effect-pollo/client/testing"
import { assert, describe, expectTypeOf, it } from "@effect/vitest"
import { DateTime, Effect, Schema, Stream } from "effect"
import { short, steady, tell, watch } from "../support/watching.ts"

const { error } = PolloCreditsTest

describe("types", () => {
  it("promise events, the errors of a reading, and the need of a client", () => {
    expectTypeOf(BalanceWatch.stream(steady)).toEqualTypeOf<
      Stream.Stream<BalanceEvent, PolloError | PolloConfigError, PolloCredits>
    >()
    expectTypeOf<BalanceEvent["_tag"]>().toEqualTypeOf<
      "Observed" | "Low" | "Recovered" | "ToppedUp" | "Unreachable" | "Reachable"
    >()
    assert.deepEqual(Object.keys(watching).toSorted(), ["BalanceEvent", "BalanceForecast", "BalanceWatch"])
  })
})

describe("a watch", () => {
  it.effect("reads at once, then every so often, and says what it read and when", () =>
    Effect.gen(function*() {
      const { events } = yield* watch(3)
      assert.deepEqual(events.map(short), ["Observed 300", "Observed 200", "Observed 150"])
      assert.deepEqual(events.map((event) => DateTime.toEpochMillis(event.at)), [0, 60_000, 120_000])
    }).pipe(Effect.provide(PolloCreditsTest.layer([300, 200, 150]))))

  it.effect("says once that the balance is low and once that it has recovered", () =>
    Effect.gen(function*() {
      assert.deepEqual(yield* tell([101, 100, 90, 95, 101, 99]), [
        "Observed 101",
        "Observed 100",
        "Low 100",
        "Observed 90",
        "Observed 95",
        "ToppedUp 5",
        "Observed 101",
        "ToppedUp 6",
        "Recovered 101",
        "Observed 99",
        "Low 99"
      ])
    }))

  it.effect("says after the first reading that the balance is low already, and never that one has recovered", () =>
    Effect.gen(function*() {
      assert.deepEqual(yield* tell([40]), ["Observed 40", "Low 40"])
      assert.deepEqual(yield* tell([400]), ["Observed 400"])
    }))

  it.effect("stays low between the two marks however the balance dances", () =>
    Effect.gen(function*() {
      const told = yield* tell([90, 150, 90, 199, 101, 200, 150, 101, 100], { ...steady, recoverAt: 200 })
      assert.deepEqual(told.filter((event) => /^(Low|Recovered)/.test(event)), ["Low 90", "Recovered 200", "Low 100"])
    }))

  it.effect("gives the growth without the noise of binary fractions", () =>
    Effect.gen(function*() {
      const told = yield* tell([0.1, 0.3, 0.3 + 1e-9, 100_000.07])
      assert.deepEqual(told.filter((event) => event.startsWith("ToppedUp")), ["ToppedUp 0.2", "ToppedUp 99999.77"])
    }))

  it.effect("says neither low nor recovered without a mark", () =>
    Effect.gen(function*() {
      const { events } = yield* watch(3, { every: "1 minute", jitter: 0 })
      assert.deepEqual(events.map((event) => event._tag), ["Observed", "Observed", "ToppedUp", "Observed"])
    }).pipe(Effect.provide(PolloCreditsTest.layer([5, 500, 0]))))

  const mistakes: ReadonlyArray<readonly [string, Partial<BalanceWatch.Options>]> = [
    ["every", { every: 0 }],
    ["every", { every: Number.NaN }],
    ["every", { every: "-5 seconds" }],
    ["every", { every: "Infinity" }],
    ["lowAt", { lowAt: Number.NaN }],
    ["lowAt", { lowAt: Infinity }],
    ["recoverAt", { recoverAt: 99 }],
    ["recoverAt", { recoverAt: Number.NaN }],
    ["jitter", { jitter: 1 }],
    ["jitter", { jitter: -0.1 }],
    ["jitter", { jitter: Number.NaN }],
    ["maxWait", { maxWait: "30 seconds" }],
    ["maxWait", { maxWait: Number.NaN }]
  ]
  it.effect.each(mistakes)(
    "refuses a bad %s by name and sends nothing: %j",
    ([field, mistake]) =>
      Effect.gen(function*() {
        const refused = yield* Effect.flip(Stream.runDrain(BalanceWatch.stream({ ...steady, ...mistake })))
        assert.instanceOf(refused, PolloConfigError)
        assert.match(refused.message, new RegExp(`^${field} must`))
        assert.deepEqual(yield* PolloCreditsTest.calls, [])
      }).pipe(Effect.provide(PolloCreditsTest.layer()))
  )
})

describe("events", () => {
  const codec = Schema.fromJsonString(Schema.toCodecJson(BalanceEvent))

  it.effect("go through JSON and come back as they were", () =>
    Effect.gen(function*() {
      const { events } = yield* watch(4, { ...steady, recoverAt: 120 })
      assert.lengthOf(new Set(events.map((event) => event._tag)), 6)
      for (const event of events) {
        const json = yield* Schema.encodeEffect(codec)(event)
        assert.include(json, `"_tag":"${event._tag}"`)
        assert.deepEqual(yield* Schema.decodeEffect(codec)(json), event)
      }
    }).pipe(
      Effect.provide(PolloCreditsTest.layer([200, 50, error.rateLimited({ retryAfter: "1 second" }), 150]))
    ))
})
