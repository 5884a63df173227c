import { CreditBalance } from "@effect-pollo/client"
import { BalanceEvent, BalanceForecast, BalanceWatch } from "@effect-pollo/client/BalanceWatch"
import { PolloCreditsTest } from "@effect-pollo/client/testing"
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Duration, Effect, Random, Schema, Stream } from "effect"
import * as fc from "fast-check"

const { Low, Observed, Reachable, Unreachable } = BalanceEvent.cases

const observed = (minutes: number, availableCredits: number) =>
  new Observed({
    at: DateTime.makeUnsafe(Math.round(minutes * 60_000)),
    balance: new CreditBalance({ availableCredits, totalCredits: 1000 })
  })

/** Readings a minute apart. */
const course = (...credits: ReadonlyArray<number>) => credits.map((each, minute) => observed(minute, each))

const estimated = (forecast: BalanceForecast): BalanceForecast.Forecast => {
  if (forecast._tag === "Forecast") return forecast
  return assert.fail(`only ${forecast.samples} samples`)
}

const hours = (duration: Duration.Duration) => Duration.toHours(duration)

describe("forecast", () => {
  it("tells the rate of a steady drain and when it ends, as a certainty", () => {
    const forecast = estimated(BalanceWatch.forecast(course(100, 98, 96, 94)))
    assert.deepInclude(forecast, { at: DateTime.makeUnsafe(180_000), availableCredits: 94, samples: 3 })
    assert.deepEqual({ ...forecast.creditsPerHour }, { estimate: 120, low: 120, high: 120 })
    for (const time of Object.values(forecast.timeToEmpty)) assert.closeTo(hours(time), 94 / 120, 1e-9)
  })

  it("gives an interval by how much the samples differ", () => {
    // Spans of 60, 120 and 180 credits an hour: standard error √(2·3/2)/3 credits a minute, Student's t 4.303.
    const { creditsPerHour, timeToEmpty } = estimated(BalanceWatch.forecast(course(100, 99, 97, 94)))
    assert.closeTo(creditsPerHour.estimate, 120, 1e-9)
    assert.closeTo(creditsPerHour.high, 120 + 60 * 4.303 * Math.sqrt(3) / 3, 1e-9)
    assert.strictEqual(creditsPerHour.low, 0)
    assert.closeTo(hours(timeToEmpty.earliest), 94 / creditsPerHour.high, 1e-9)
    assert.isFalse(Duration.isFinite(timeToEmpty.latest))

    // Spans of 1 and 2 in turn, twelve of them: t for 11 degrees of freedom is 2.201.
    const many = estimated(
      BalanceWatch.forecast(course(...Array.from({ length: 13 }, (_, i) => 500 - Math.floor(1.5 * i))))
    )
    const standardError = Math.sqrt(12 * 0.25 * 12 / 11) / 12
    assert.closeTo(many.creditsPerHour.high, 60 * (1.5 + 2.201 * standardError), 0.03)
    assert.closeTo(many.creditsPerHour.low, 60 * (1.5 - 2.201 * standardError), 0.03)
  })

  it("splits at top-ups: what was spent while the credits grew is not guessed", () => {
    const forecast = estimated(BalanceWatch.forecast(course(100, 98, 96, 590, 588, 586)))
    assert.strictEqual(forecast.samples, 4)
    assert.closeTo(forecast.creditsPerHour.estimate, 120, 1e-9)
  })

  it("weighs a long span by its length", () => {
    const forecast = estimated(
      BalanceWatch.forecast([observed(0, 100), observed(1, 98), observed(10, 80), observed(12, 76)])
    )
    assert.closeTo(forecast.creditsPerHour.estimate, 120, 1e-9)
    assert.closeTo(forecast.creditsPerHour.high, 120, 1e-6)
  })

  it("looks back no further than the window, from the newest reading", () => {
    const readings = [observed(-500, 5000), ...course(100, 98, 96, 94)]
    assert.strictEqual(estimated(BalanceWatch.forecast(readings)).samples, 3)
    assert.strictEqual(estimated(BalanceWatch.forecast(readings, { window: "1 day" })).samples, 4)
    assert.deepInclude(BalanceWatch.forecast(readings, { window: "2 minutes" }), {
      _tag: "InsufficientData",
      samples: 2
    })
  })

  it("takes the newest reading last or first, and counts one time once", () => {
    const readings = course(100, 98, 96, 94)
    assert.deepEqual(BalanceWatch.forecast(readings.toReversed()), BalanceWatch.forecast(readings))
    assert.deepEqual(BalanceWatch.forecast([...readings, ...readings]), BalanceWatch.forecast(readings))
  })

  it("takes the reading that was made last for the newest, though the clock was set back meanwhile", () => {
    const before = Array.from({ length: 10 }, (_, minute) => observed(minute, 1000 - minute))
    const after = Array.from({ length: 10 }, (_, minute) => observed(minute - 120, 500 - 10 * minute))
    const forecast = estimated(BalanceWatch.forecast([...before, ...after]))
    assert.deepInclude(forecast, { availableCredits: 410, at: DateTime.makeUnsafe(-111 * 60_000), samples: 18 })
    assert.strictEqual(estimated(BalanceWatch.forecast([...before, ...after], { window: "18 minutes" })).samples, 18)
    assert.strictEqual(estimated(BalanceWatch.forecast([...before, ...after], { window: "8 minutes" })).samples, 8)
  })

  it("says how much it lacks instead of a guess", () => {
    const lacking: ReadonlyArray<readonly [BalanceForecast, number, number]> = [
      [BalanceWatch.forecast([]), 0, 3],
      [BalanceWatch.forecast(course(100)), 0, 3],
      [BalanceWatch.forecast(course(100, 98, 96)), 2, 3],
      [BalanceWatch.forecast(course(1, 2, 3, 4, 5)), 0, 3],
      [BalanceWatch.forecast(course(100, 98, 96, 94), { minSamples: 10 }), 3, 10],
      [BalanceWatch.forecast(course(100, 98), { minSamples: 0 }), 1, 2],
      [BalanceWatch.forecast(course(100, 98, 96, 94), { window: 0 }), 0, 3]
    ]
    for (const [forecast, samples, needed] of lacking) {
      assert.deepEqual({ ...forecast }, { _tag: "InsufficientData", samples, needed })
    }
  })

  it("lasts for ever when nothing is spent, and no time when nothing is left", () => {
    const idle = estimated(BalanceWatch.forecast(course(5, 5, 5, 5)))
    assert.deepEqual({ ...idle.creditsPerHour }, { estimate: 0, low: 0, high: 0 })
    for (const time of Object.values(idle.timeToEmpty)) assert.isFalse(Duration.isFinite(time))
    for (const last of [0, -7]) {
      const empty = estimated(BalanceWatch.forecast(course(9, 6, 3, last)))
      for (const time of Object.values(empty.timeToEmpty)) assert.isTrue(Duration.isZero(time))
    }
  })

  it("finds the rate of any steady drain, whatever the times of its readings and top-ups", () => {
    const spans = fc.array(
      fc.record({
        minutes: fc.integer({ min: 1, max: 30 }),
        topUp: fc.option(fc.integer({ min: 1, max: 1e6 }), { freq: 4 })
      }),
      {
        minLength: 1,
        maxLength: 40
      }
    )
    fc.assert(fc.property(fc.integer({ min: 0, max: 10_000 }), spans, (perMinute, spans) => {
      const readings = [observed(0, 1e7)]
      let minute = 0
      let credits = 1e7
      for (const span of spans) {
        minute += span.minutes
        credits -= perMinute * span.minutes
        // One that is not larger than what was spent would not show.
        if (span.topUp !== null) credits += span.topUp + perMinute * span.minutes
        readings.push(observed(minute, credits))
      }
      const usable = spans.filter((span) => span.topUp === null).length
      const forecast = BalanceWatch.forecast(readings, { window: "10 days" })
      assert.strictEqual(forecast.samples, usable)
      if (usable < 3) return assert.strictEqual(forecast._tag, "InsufficientData")
      const { creditsPerHour } = estimated(forecast)
      for (const rate of Object.values(creditsPerHour)) assert.closeTo(rate, perMinute * 60, 1e-3)
    }))
  })

  it("never gives a rate or a time that is negative or no number, for any readings", () => {
    const reading = fc.tuple(
      fc.integer({ min: -1e6, max: 1e6 }),
      fc.oneof(
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.integer({ min: -50, max: 50 })
      )
    )
    let estimates = 0
    fc.assert(
      fc.property(fc.array(reading), fc.integer({ min: 1, max: 100 }), (readings, days) => {
        // Half of them in the order of their times, half as a clock that leaps about would have them.
        if (days % 2 === 0) readings.sort(([a], [b]) => a - b)
        const forecast = BalanceWatch.forecast(readings.map(([minute, credits]) => observed(minute, credits)), {
          window: Duration.days(days * 20)
        })
        assert.isTrue(Schema.is(BalanceForecast)(forecast))
        if (forecast._tag === "InsufficientData") return
        estimates++
        const { estimate, high, low } = forecast.creditsPerHour
        assert.isTrue(0 <= low && low <= estimate && estimate <= high && high < Infinity)
        const { earliest, estimate: expected, latest } = forecast.timeToEmpty
        const times = [Duration.zero, earliest, expected, latest]
        for (const [index, time] of times.slice(1).entries()) {
          assert.isTrue(Duration.isGreaterThanOrEqualTo(time, times[index] ?? Duration.infinity))
        }
      }),
      { numRuns: 2000 }
    )
    assert.isAbove(estimates, 50)
  })

  it.effect("holds the true rate in its interval in most hours with ten jobs that come at random and cost 10 to 800", () =>
    Effect.gen(function*() {
      let held = 0
      for (let hour = 0; hour < 500; hour++) {
        let credits = 1e6
        const readings = [observed(0, credits)]
        for (let minute = 1; minute <= 60; minute++) {
          if ((yield* Random.next) < 10 / 60) credits -= yield* Random.nextBetween(10, 800)
          readings.push(observed(minute, credits))
        }
        const { high, low } = estimated(BalanceWatch.forecast(readings)).creditsPerHour
        if (low <= 4050 && 4050 <= high) held++
      }
      assert.isAbove(held / 500, 0.88)
      assert.isBelow(held / 500, 0.97)
    }).pipe(Random.withSeed("jobs")))
})

describe("forecasts", () => {
  it.effect("gives one for each reading, of the window that ends there", () =>
    Effect.gen(function*() {
      const others = [
        new Unreachable({ at: DateTime.makeUnsafe(0), error: PolloCreditsTest.error.serverError() }),
        new Reachable({ at: DateTime.makeUnsafe(0), outage: Duration.seconds(5) }),
        new Low({ at: DateTime.makeUnsafe(0), balance: observed(0, 100).balance, lowAt: 100 })
      ]
      const readings = [
        ...course(100, 90, 80, 70),
        ...course(70, 69, 68, 67, 66).map((reading, i) => observed(4 + i, reading.balance.availableCredits))
      ]
      const forecasts = yield* Stream.fromIterable([...others, ...readings]).pipe(
        BalanceWatch.forecasts({ window: "3 minutes" }),
        Stream.runCollect
      )
      assert.deepEqual(forecasts.map((forecast) => forecast.samples), [0, 1, 2, 3, 3, 3, 3, 3, 3])
      assert.deepEqual(forecasts.slice(0, 3).map((forecast) => forecast._tag), Array(3).fill("InsufficientData"))
      assert.closeTo(estimated(forecasts[3] ?? assert.fail()).creditsPerHour.estimate, 600, 1e-9)
      assert.closeTo(estimated(forecasts[8] ?? assert.fail()).creditsPerHour.estimate, 60, 1e-9)
    }))

  it.effect("goes through JSON and comes back as it was", () =>
    Effect.gen(function*() {
      const codec = Schema.fromJsonString(Schema.toCodecJson(BalanceForecast))
      for (const forecast of [BalanceWatch.forecast(course(9, 5, 4, 4)), BalanceWatch.forecast([])]) {
        const json = yield* Schema.encodeEffect(codec)(forecast)
        assert.deepEqual(yield* Schema.decodeEffect(codec)(json), forecast)
      }
    }))
})
