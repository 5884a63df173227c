import { BalanceEvent, BalanceForecast } from "@effect-pollo/client/BalanceWatch"
import { DateTime, Duration } from "effect"
import { displayWidth } from "effect/cli/CliOutput"
import * as fc from "fast-check"
import { expect, it } from "vitest"
import { eventLine, liveLine, type Reading } from "../../src/watch/lines.ts"

const at = DateTime.makeUnsafe("2026-01-01T14:03:27Z")
const falling: Reading = {
  at,
  available: 1240.5,
  total: 5000,
  recent: Array.from({ length: 20 }, (_, index) => 1300 - index),
  forecast: new BalanceForecast.cases.Forecast({
    at,
    availableCredits: 1240.5,
    creditsPerHour: { estimate: 96.4, low: 90, high: 100 },
    timeToEmpty: { estimate: Duration.minutes(772), earliest: Duration.hours(12), latest: Duration.hours(14) },
    samples: 20
  })
}

it.each([
  [100, /^1,240\.5 of 5,000 {2}██▌░{7} 25% {2}[▁-█]{12} {2}96\.4\/h, empty in 12h 52m {2}\d\d:03:27$/],
  [80, /^1,240\.5 of 5,000 {2}██▌░{7} 25% {2}96\.4\/h, empty in 12h 52m {2}\d\d:03:27$/],
  [66, /^1,240\.5 of 5,000 25% {2}96\.4\/h, empty in 12h 52m {2}\d\d:03:27$/],
  [50, /^1,240\.5 of 5,000 25% {2}96\.4\/h, empty in 12h 52m$/],
  [44, /^1,240\.5 of 5,000 {2}96\.4\/h, empty in 12h 52m$/],
  [37, /^1,240\.5 {2}96\.4\/h, empty in 12h 52m$/],
  [30, /^1,240\.5 {2}96\.4\/h, 12h 52m$/]
])("at %i columns the live line has what matters most", (columns, line) => {
  expect(liveLine(falling, columns)).toMatch(line)
})

it("the live line of 37 columns always has the figure, the burn rate and the time to empty, and always fits", () => {
  const figure = fc.double({ min: 0, max: 999_999, noNaN: true })
  fc.assert(
    fc.property(figure, figure, figure, fc.integer({ min: 0, max: 10_000 }), (available, total, rate, hours) => {
      const line = liveLine({
        ...falling,
        available,
        total,
        forecast: new BalanceForecast.cases.Forecast({
          at,
          availableCredits: available,
          creditsPerHour: { estimate: rate + 1, low: 0, high: rate + 2 },
          timeToEmpty: { estimate: Duration.hours(hours), earliest: Duration.zero, latest: Duration.infinity },
          samples: 3
        })
      }, 37)
      expect(displayWidth(line)).toBeLessThanOrEqual(37)
      expect(line).toMatch(/^[\d,.]+.* {2}[\d,.]+\/h, .*\d[smhd]/)
    })
  )
})

it.each([
  [Duration.zero, "less than 1s"],
  [Duration.millis(999), "less than 1s"],
  [Duration.seconds(1), "1s"],
  [Duration.millis(89_600), "1m 30s"],
  [Duration.minutes(61), "1h 1m"],
  [Duration.hours(49), "2d 1h"]
])("a time of %s is told with two units at most", (outage, text) => {
  const at = DateTime.makeUnsafe("2026-01-01T00:00:00.500Z")
  expect(eventLine(new BalanceEvent.cases.Reachable({ at, outage }))).toBe(
    `2026-01-01T00:00:00Z reachable    after ${text}`
  )
})

it("never promises a forecast after less than one reading", () => {
  for (
    const [samples, line] of [[1, /after 2 more readings/], [2, /after 1 more reading /], [3, /no forecast /]] as const
  ) {
    expect(liveLine({ ...falling, forecast: new BalanceForecast.cases.InsufficientData({ samples, needed: 3 }) }, 100))
      .toMatch(line)
  }
})
