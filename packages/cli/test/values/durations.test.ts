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
    [" 1h 30m ", 5_400_000],
    ["PT90S", 90_000],
    ["30 seconds", 30_000],
    ["1 minute", 60_000]
  ])("%s is %i ms", (text, millis) => {
    expect(millisOf(text)).toBe(millis)
  })

  it.each(["", "30", "soon", "-30s", "-PT30S", "30s later"])("%s is not a duration, or not one above zero", (text) => {
    expect(millisOf(text) ?? 0).toBeLessThanOrEqual(0)
  })

  it("of ISO 8601 is what effect makes of it", () => {
    const figure = fc.constantFrom("", "1", "07", "1.5", "2,25")
    const text = fc.tuple(figure, figure, figure, figure, figure, fc.constantFrom("T", "")).map((
      [w, d, h, m, s, time]
    ) => `P${w && `${w}W`}${d && `${d}D`}${time}${h && `${h}H`}${m && `${m}M`}${s && `${s}S`}`)
    fc.assert(
      fc.property(text, (iso) => {
        expect(millisOf(iso)).toEqual(Option.getOrUndefined(Option.map(Duration.fromIso(iso), Duration.toMillis)))
      }),
      { numRuns: 1000 }
    )
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
