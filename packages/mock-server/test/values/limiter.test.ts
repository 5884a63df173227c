import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { TokenBucket } from "../../src/values/limiter.ts"
import { retryAfterForms, retryAfterHeaders, retryNotBefore } from "../../src/values/retry-after.ts"

const bucket = (capacity: number, refillPerSecond: number) =>
  new TokenBucket({ capacity, refillPerSecond, retryAfter: "seconds" }, 0)

describe("a token bucket", () => {
  it("lets its capacity through at once, and then says how long until the next", () => {
    const limiter = bucket(2, 0.5)
    expect([limiter.take(0), limiter.take(0), limiter.take(0), limiter.take(500)]).toEqual([0, 0, 2000, 1500])
    expect([limiter.take(2000), limiter.take(2000)]).toEqual([0, 2000])
  })

  it("fills up to its capacity and no further", () => {
    const limiter = bucket(3, 1)
    for (let n = 0; n < 3; n++) limiter.take(0)
    expect(limiter.tokens(1500)).toBe(1.5)
    expect(limiter.tokens(3_600_000)).toBe(3)
  })

  it("never lets anything through again without a refill", () => {
    const limiter = bucket(1, 0)
    expect([limiter.take(0), limiter.take(1e12)]).toEqual([0, Infinity])
  })

  it("keeps to its rate, lets through a request that waited as long as it said, and no sooner", () => {
    const rates = fc.double({ min: 0.001, max: 1000, noNaN: true })
    const waits = fc.array(fc.nat(2000), { maxLength: 60 })
    fc.assert(fc.property(fc.integer({ min: 1, max: 20 }), rates, waits, (capacity, rate, arrivals) => {
      const limiter = bucket(capacity, rate)
      let now = 0
      let through = 0
      for (const wait of arrivals) {
        now += wait
        const waitMillis = limiter.take(now)
        if (waitMillis > 1) expect(limiter.take(now + Math.floor(waitMillis) - 1)).toBeGreaterThan(0)
        if (waitMillis > 0) {
          now += Math.ceil(waitMillis)
          expect(limiter.take(now)).toBe(0)
        }
        through++
        expect(through).toBeLessThanOrEqual(capacity + now * rate / 1000 + 1e-6)
      }
    }))
  })
})

describe("Retry-After", () => {
  const now = Date.UTC(2026, 0, 1, 12, 0, 0, 400)

  it.each(
    [
      ["seconds", { "retry-after": "2" }],
      ["date", { "retry-after": "Thu, 01 Jan 2026 12:00:02 GMT", date: "Thu, 01 Jan 2026 12:00:00 GMT" }],
      ["none", {}],
      ["zero", { "retry-after": "0" }],
      ["past", { "retry-after": "Thu, 01 Jan 2026 11:00:00 GMT", date: "Thu, 01 Jan 2026 12:00:00 GMT" }],
      ["huge", { "retry-after": "31536000" }],
      ["garbage", { "retry-after": "soon" }]
    ] as const
  )("as %s", (form, headers) => {
    expect(retryAfterHeaders(form, 1500, now)).toEqual(headers)
  })

  it.each(["seconds", "date"] as const)("as %s never asks for less than the wait, or a second more", (form) => {
    const times = fc.integer({ min: 0, max: 4e12 })
    fc.assert(fc.property(times, fc.double({ min: 0.001, max: 1e7, noNaN: true }), (at, waitMillis) => {
      const asked = retryNotBefore(retryAfterHeaders(form, waitMillis, at)["retry-after"] ?? "", at) ?? 0
      expect(asked).toBeGreaterThanOrEqual(at + waitMillis)
      expect(asked).toBeLessThan(at + waitMillis + 1000)
    }))
  })

  it.each(["seconds", "date"] as const)("as %s is legible however long the wait", (form) => {
    const waits = fc.double({ min: 0, noNaN: true, noDefaultInfinity: true })
    fc.assert(fc.property(fc.integer({ min: 0, max: 253_402_214_400_000 }), waits, (at, waitMillis) => {
      const written = retryAfterHeaders(form, waitMillis, at)["retry-after"] ?? ""
      expect(written).toMatch(/^(?:\d+|[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT)$/)
      expect(retryNotBefore(written, at)).toBeGreaterThanOrEqual(0)
    }))
  })

  it("is read back if it says a time, and only then", () => {
    const read = retryAfterForms.map((form) => [
      form,
      retryNotBefore(retryAfterHeaders(form, 1500, now)["retry-after"] ?? "", now)
    ])
    expect(Object.fromEntries(read)).toEqual({
      seconds: now + 2000,
      date: Date.UTC(2026, 0, 1, 12, 0, 2),
      none: undefined,
      zero: now,
      past: Date.UTC(2026, 0, 1, 11),
      huge: now + 31_536_000_000,
      garbage: undefined
    })
    for (const odd of ["", " 1", "1.5", "-1", "1e3", "2026-01-01", "Thu, 99 Jan 2026 12:00:00 GMT"]) {
      expect(retryNotBefore(odd, now)).toBe(undefined)
    }
  })
})
