import { Reachable } from "@effect-pollo/client/BalanceWatch"
import { DateTime, Duration } from "effect"
import { expect, it } from "vitest"
import { eventLine } from "../src/watch/lines.ts"

it.each([
  [Duration.zero, "less than 1s"],
  [Duration.millis(999), "less than 1s"],
  [Duration.seconds(1), "1s"],
  [Duration.millis(89_600), "1m 30s"],
  [Duration.minutes(61), "1h 1m"],
  [Duration.hours(49), "2d 1h"]
])("a time of %s is told with two units at most", (outage, text) => {
  const at = DateTime.makeUnsafe("2026-01-01T00:00:00.500Z")
  expect(eventLine(new Reachable({ at, outage }))).toBe(`2026-01-01T00:00:00Z reachable    after ${text}`)
})
