import * as fc from "fast-check"
import { expect, it } from "vitest"
import { defaultPolicy, waitBefore } from "../src/index.ts"

it("a wait is a time, at least the backoff and what the server asked, for any policy", () => {
  const amount = fc.oneof(fc.constantFrom(0, Number.POSITIVE_INFINITY), fc.double({ min: 0, max: 1e9, noNaN: true }))
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5_000 }),
      fc.record({
        base: amount,
        factor: fc.double({ min: 1, max: 10, noNaN: true }),
        max: amount,
        jitter: fc.double({ min: 0, max: 2, noNaN: true })
      }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.option(amount, { nil: undefined }),
      (number, backoff, random, retryAfter) => {
        const wait = waitBefore(number, { backoff, maxRetryAfter: 60_000 }, random, retryAfter)
        if (retryAfter !== undefined && retryAfter > 60_000) expect(wait).toBeUndefined()
        else expect(wait).toBeGreaterThanOrEqual(Math.max(retryAfter ?? 0, Math.min(backoff.base, backoff.max)))
      }
    )
  )
})

it("the default waits double from a quarter of a second to eight", () => {
  const waits = [1, 2, 3, 6, 7, 2_000].map((number) => waitBefore(number, defaultPolicy, 0, undefined))
  expect(waits).toEqual([250, 500, 1_000, 8_000, 8_000, 8_000])
  expect(waitBefore(1, defaultPolicy, 1, undefined)).toBe(312.5)
})
