import { Duration, Option } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { durationOf } from "../../src/values/durations.ts"
import { createMockServer } from "@effect-pollo/mock-server"
import { at, lines, run } from "../support/cli.ts"

const millisOf = (text: string) => Option.getOrUndefined(Option.map(durationOf(text), Duration.toMillis))

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
    ["30 seconds", 30_000],
    ["1 minute", 60_000]
  ])("%s is %i ms", (text, millis) => {
    expect(millisOf(text)).toBe(millis)
  })

  it.each(["", "30", "s", "30x", "30s30s", "30m1h", "1h30", "P", "P1M", "-30s", "30s later", "1e3s", "soon", "３０s"])(
    "%s is none",
    (text) => {
      expect(millisOf(text)).toBeUndefined()
    }
  )

  it("means the same in each of its forms", () => {
    const whole = fc.integer({ min: 1, max: 10_000 })
    fc.assert(fc.property(whole, whole, whole, (hours, minutes, seconds) => {
      const short = millisOf(`${hours}h${minutes}m${seconds}s`)
      expect(short).toBe(hours * 3_600_000 + minutes * 60_000 + seconds * 1000)
      expect(millisOf(`PT${hours}H${minutes}M${seconds}S`)).toBe(short)
      expect(millisOf(`${short} millis`)).toBe(short)
    }))
  })

  it("is read alike in a variable", async () => {
    await using server = await createMockServer().listen()
    for (const limit of ["300ms", "PT0.3S", "300 millis"]) {
      const { stderr } = await run(["balance"], {
        env: { ...at(server.baseUrl, "mock_hang"), POLLO_ATTEMPT_TIMEOUT: limit }
      })
      expect(lines(stderr)[0]).toBe("pollo-credits: no answer within 300ms, the limit of one attempt")
    }
    const { code, stderr } = await run(["balance"], {
      env: { ...at(server.baseUrl, "mock_ok"), POLLO_DEADLINE: "soon" }
    })
    expect([code, lines(stderr)[0]]).toEqual([3, expect.stringContaining("POLLO_DEADLINE must be a duration")])
  })
})
