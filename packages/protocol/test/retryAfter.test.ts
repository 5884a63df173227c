import { describe, expect, it } from "vitest"
import { retryAfterMillis } from "../src/index.ts"

const now = Date.UTC(2026, 10, 28, 12)
const at = (retryAfter: string | undefined, date?: string) => retryAfterMillis(retryAfter, date, now)

describe("Retry-After", () => {
  it.each([
    ["0", 0],
    ["7", 7_000],
    [" 7 ", 7_000],
    ["007", 7_000],
    ["1.5", 2_000],
    ["0.001", 1_000],
    ["99999999999999", 99_999_999_999_999_000],
    ["9".repeat(400), Number.MAX_SAFE_INTEGER * 1_000],
    ["Sat, 28 Nov 2026 12:00:03 GMT", 3_000],
    ["Saturday, 28-Nov-26 12:00:03 GMT", 3_000],
    ["Sat Nov 28 12:00:03 2026", 3_000],
    ["Sat, 28 Nov 2026 11:59:00 GMT", 0],
    ["Friday, 31-Dec-99 23:59:59 GMT", 0],
    ["Thu, 31 Dec 2026 23:59:60 GMT", Date.UTC(2027, 0, 1) - now]
  ])("%s is a time to wait", (value, millis) => {
    expect(at(value)).toBe(millis)
  })

  it.each([
    undefined,
    "",
    "-5",
    "+5",
    "1e9",
    "1.",
    ".5",
    "Infinity",
    "soon",
    "3, 3",
    "Invalid Date",
    "Sun, 31 Feb 2027 00:00:00 GMT",
    "Sat, 28 Nov 2026 24:00:00 GMT",
    "Sat, 28 Nov 2026 12:00:61 GMT",
    "Sat, 28 Foo 2026 12:00:00 GMT",
    "Sat, 28 Nov 2026 12:00:03 +0200",
    "2026-11-28T12:00:03Z"
  ])("%s is no statement", (value) => {
    expect(at(value)).toBeUndefined()
  })

  it("as a date is relative to the response's own Date", () => {
    const retryAfter = "Sat, 28 Nov 2026 09:00:03 GMT"
    expect(at(retryAfter, "Sat, 28 Nov 2026 09:00:00 GMT")).toBe(3_000)
    expect(at(retryAfter, "Saturday, 28-Nov-26 09:00:00 GMT")).toBe(3_000)
    expect(at(retryAfter, "garbage")).toBe(0)
    expect(at("5", "Sat, 28 Nov 2026 09:00:00 GMT")).toBe(5_000)
  })
})
