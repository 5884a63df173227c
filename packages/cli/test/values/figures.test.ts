import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { balanceLine, bar, credits, percent, printable, rate, share, sparkline } from "../../src/values/figures.ts"

const figure = fc.double({ noNaN: true, noDefaultInfinity: true })

describe("figures", () => {
  it.each([[0, "0"], [-0, "0"], [12.345, "12.35"], [-15, "-15"], [1e6, "1,000,000"]])("%d reads %s", (value, text) => {
    expect(credits(value)).toBe(text)
  })

  it.each([
    [0, "░░░░░░░░░░"],
    [0.01, "▏░░░░░░░░░"],
    [0.25, "██▌░░░░░░░"],
    [1, "██████████"],
    [-1, "░░░░░░░░░░"],
    [9, "██████████"]
  ])("a share of %d is %s", (part, drawn) => {
    expect(bar(part)).toBe(drawn)
  })

  it("a bar is as wide as it was asked to be, whatever the share", () => {
    fc.assert(fc.property(figure, fc.integer({ min: 1, max: 40 }), (part, cells) => {
      expect(bar(part, cells)).toHaveLength(cells)
    }))
  })

  it("lines align, and a total of zero has no share", () => {
    const widths = [balanceLine(5, 1000), balanceLine(123_456.78, 1_000_000), balanceLine(-1, 1000)].map((line) =>
      line.length
    )
    expect(new Set(widths).size).toBe(1)
    expect(share(5, 0)).toBeUndefined()
    expect(balanceLine(5, 0)).toBe("         5 of          0 credits")
  })

  it("a sparkline has one mark a figure, the least lowest and the greatest highest", () => {
    expect(sparkline([1, 2, 3])).toBe("▁▅█")
    expect(sparkline([7, 7])).toBe("▄▄")
    fc.assert(fc.property(fc.array(figure, { minLength: 1, maxLength: 60 }), (figures) => {
      expect(Array.from(sparkline(figures))).toHaveLength(figures.length)
    }))
  })
})

describe("a percentage", () => {
  it("is 100% for all of it alone, and the bar is full for no less", () => {
    expect([0.994, 0.996, 1 - 1e-12, 1, 1 + 1e-12, 1.004, 1.5].map(percent)).toEqual(
      ["99%", "99%", "99%", "100%", "101%", "101%", "150%"]
    )
    fc.assert(fc.property(figure, (part) => {
      expect(percent(part) === "100%").toBe(part === 1)
      expect(bar(part) === "█".repeat(10)).toBe(part >= 1)
    }))
  })

  it("and a figure stay short, however large", () => {
    const any = fc.double({ noNaN: true, noDefaultInfinity: true })
    fc.assert(fc.property(any, any, (available, total) => {
      const line = balanceLine(available, total)
      expect(line.length).toBeLessThan(80)
      expect(line).not.toMatch(/Infinity|NaN|∞/)
      expect(rate(available).length).toBeLessThan(25)
    }))
    expect(percent(1e300)).toBe(">9999%")
  })
})

describe("printable", () => {
  it("lets nothing through that a terminal acts on, and stays on one line", () => {
    const text = fc.string({ unit: "binary", maxLength: 400 })
    fc.assert(fc.property(text, (given) => {
      const shown = printable(given)
      expect(shown).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)
      expect(shown.length).toBeLessThanOrEqual(200)
    }))
  })

  it("leaves plain text as it is", () => {
    expect(printable("Zu wenig Guthaben: 12 €")).toBe("Zu wenig Guthaben: 12 €")
  })
})
