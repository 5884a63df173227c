import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { durationMillis } from "../src/durations.ts"

describe("a duration", () => {
  it.each([
    ["30s", 30_000],
    ["5m", 300_000],
    ["1h30m", 5_400_000],
    ["1h 30m", 5_400_000],
    ["1d2h3m4s5ms", 93_784_005],
    ["500ms", 500],
    ["1.5s", 1500],
    ["0s", 0],
    [" 30s ", 30_000],
    ["PT30S", 30_000],
    ["pt1h30m", 5_400_000],
    ["P1DT1S", 86_401_000],
    ["PT0.5S", 500],
    ["P2W", 1_209_600_000]
  ])("%s is %i ms", (text, millis) => {
    expect(durationMillis(text)).toBe(millis)
  })

  it.each([
    "",
    "30",
    "s",
    "30x",
    "30s30s",
    "30m1h",
    "1h30",
    "P",
    "P1M",
    "-30s",
    "30s later",
    "1e3s",
    "soon",
    "３０s",
    "PT1.5H30M",
    "30 seconds",
    "P1Y"
  ])(
    "%s is not a duration",
    (text) => {
      expect(durationMillis(text)).toBeUndefined()
    }
  )

  it("means the same in each of its forms", () => {
    const whole = fc.integer({ min: 1, max: 10_000 })
    fc.assert(fc.property(whole, whole, whole, (hours, minutes, seconds) => {
      const short = durationMillis(`${hours}h${minutes}m${seconds}s`)
      expect(short).toBe(hours * 3_600_000 + minutes * 60_000 + seconds * 1000)
      expect(durationMillis(`PT${hours}H${minutes}M${seconds}S`)).toBe(short)
    }))
  })

  it("is read in a time that grows with its length, whatever it holds", () => {
    const started = performance.now()
    for (const hostile of ["1".repeat(50_000), "1s".repeat(20_000), "P".repeat(50_000), `P${"1".repeat(50_000)}`]) {
      expect(durationMillis(`${hostile}!`)).toBeUndefined()
    }
    expect(performance.now() - started).toBeLessThan(1000)
  })
})
