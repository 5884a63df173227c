import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { maxCredits } from "../../src/values/credits.ts"
import { Ledger, maxKept } from "../../src/values/ledger.ts"
import type { Opening } from "../../src/values/ledger.ts"

const open = (opening: Partial<Opening> = {}, now = 0) =>
  new Ledger({ availableCredits: 100, totalCredits: 100, ...opening }, now)

const available = (ledger: Ledger, now = 0) => ledger.state(now).availableCredits

describe("grants and spends", () => {
  it("move the balance, and a grant the total as well", () => {
    const ledger = open()
    expect(ledger.spend({ credits: 30.25 }, 0)).toBe("done")
    expect(ledger.topUp({ credits: 5.5 }, 0)).toBe("done")
    expect(ledger.state(0)).toMatchObject({
      availableCredits: 75.25,
      totalCredits: 105.5,
      reportedCredits: 75.25,
      grantedCredits: 105.5,
      spentCredits: 30.25,
      lowestCredits: 69.75
    })
    expect(ledger.reported(0)).toEqual({ availableCredits: 75.25, totalCredits: 105.5 })
  })

  it("add up in hundredths, where floating point would not", () => {
    const ledger = open({ availableCredits: 0.3, totalCredits: 0.3 })
    for (let n = 0; n < 3; n++) expect(ledger.spend({ credits: 0.1 }, 0)).toBe("done")
    expect(available(ledger)).toBe(0)
    for (let n = 0; n < 3; n++) ledger.topUp({ credits: 0.1 }, 0)
    expect(available(ledger)).toBe(0.3)
  })

  it("beyond the balance change nothing", () => {
    const ledger = open()
    const before = ledger.state(0)
    expect(ledger.spend({ credits: 100.01, id: "a" }, 0)).toBe("short")
    expect(ledger.state(0)).toEqual(before)
    ledger.topUp({ credits: 0.01 }, 0)
    expect(ledger.spend({ credits: 100.01, id: "a" }, 0)).toBe("done")
  })

  it("with an id that is known change nothing, and grants and spends have ids of their own", () => {
    const ledger = open()
    ledger.spend({ credits: 10, id: "a" }, 0)
    const before = ledger.state(0)
    expect(ledger.spend({ credits: 10, id: "a" }, 0)).toBe("repeated")
    expect(ledger.spend({ credits: 20, id: "a" }, 0)).toBe("repeated")
    expect(ledger.state(0)).toEqual(before)
    expect(ledger.topUp({ credits: 10, id: "a" }, 0)).toBe("done")
  })

  it("forget ids that are a thousand ids old", () => {
    const ledger = open({ availableCredits: 5000, totalCredits: 5000 })
    for (let id = 0; id <= maxKept; id++) ledger.spend({ credits: 1, id: String(id) }, 0)
    expect(ledger.spend({ credits: 1, id: "1" }, 0)).toBe("repeated")
    expect(ledger.spend({ credits: 1, id: "0" }, 0)).toBe("done")
  })

  it("stop where hundredths would no longer be exact", () => {
    const ledger = open({ availableCredits: maxCredits - 0.01, totalCredits: maxCredits - 0.01 })
    expect(ledger.topUp({ credits: 0.02 }, 0)).toBe("full")
    expect(ledger.topUp({ credits: 0.01 }, 0)).toBe("done")
    expect(available(ledger)).toBe(maxCredits)
  })

  it("start from a debt as they would from any balance", () => {
    const ledger = open({ availableCredits: -15 })
    expect(ledger.spend({ credits: 0.01 }, 0)).toBe("short")
    ledger.topUp({ credits: 20 }, 0)
    expect(ledger.spend({ credits: 5 }, 0)).toBe("done")
    expect(ledger.state(0)).toMatchObject({ availableCredits: 0, lowestCredits: -15, grantedCredits: 5 })
  })
})

describe("the drain", () => {
  it("uses up so many credits a minute, hundredth by hundredth", () => {
    const ledger = open({ drainPerMinute: 6 })
    expect(available(ledger, 99)).toBe(100)
    expect(available(ledger, 100)).toBe(99.99)
    expect(available(ledger, 60_000)).toBe(94)
    expect(ledger.state(60_000).drainedCredits).toBe(6)
  })

  it.each([1, 7, 333])("does not depend on how often the balance is read: every %i ms", (every) => {
    const ledger = open({ drainPerMinute: 1.23 })
    for (let now = 0; now < 60_000; now += every) ledger.reported(now)
    expect(available(ledger, 60_000)).toBe(98.77)
  })

  it("stops at zero, and begins again with what comes then", () => {
    const ledger = open({ drainPerMinute: 60 })
    expect(available(ledger, 150_000)).toBe(0)
    ledger.topUp({ credits: 10 }, 200_000)
    expect(available(ledger, 200_000)).toBe(10)
    expect(available(ledger, 205_000)).toBe(5)
    expect(ledger.state(205_000)).toMatchObject({ drainedCredits: 105, grantedCredits: 110 })
  })

  it("takes nothing from a debt", () => {
    expect(available(open({ availableCredits: -5, drainPerMinute: 60 }), 60_000)).toBe(-5)
  })
})

describe("expiry", () => {
  it("takes the rest of a grant when it expires", () => {
    const ledger = open()
    ledger.topUp({ credits: 50, expiresInMillis: 1000 }, 0)
    ledger.spend({ credits: 20 }, 500)
    expect(available(ledger, 999)).toBe(130)
    expect(ledger.state(1000)).toMatchObject({ availableCredits: 100, expiredCredits: 30, spentCredits: 20 })
  })

  it("spends first what expires soonest", () => {
    const ledger = open({ availableCredits: 0 })
    ledger.topUp({ credits: 10, expiresInMillis: 2000 }, 0)
    ledger.topUp({ credits: 10, expiresInMillis: 1000 }, 0)
    ledger.spend({ credits: 15 }, 0)
    expect(available(ledger, 1000)).toBe(5)
    expect(available(ledger, 2000)).toBe(0)
  })

  it("reaches what the account opened with", () => {
    expect(available(open({ expiresInMillis: 10 }), 10)).toBe(0)
  })

  it("is kept in mind for a thousand grants", () => {
    const ledger = open()
    for (let n = 0; n < maxKept; n++) ledger.topUp({ credits: 1, expiresInMillis: 1000 + n }, 0)
    expect(ledger.topUp({ credits: 1, expiresInMillis: 1 }, 0)).toBe("full")
    expect(ledger.topUp({ credits: 1 }, 0)).toBe("done")
    expect(available(ledger, 5000)).toBe(101)
  })
})

describe("what is scheduled", () => {
  it("lets the balance cross a threshold and come back between two polls", () => {
    const ledger = open()
    expect(ledger.spend({ credits: 95, inMillis: 10_000 }, 0)).toBe("scheduled")
    expect(ledger.topUp({ credits: 95, inMillis: 20_000 }, 0)).toBe("scheduled")
    expect(ledger.state(9999)).toMatchObject({ availableCredits: 100, scheduled: 2 })
    expect(ledger.state(30_000)).toMatchObject({ availableCredits: 100, lowestCredits: 5, scheduled: 0 })
    expect(ledger.history(30_000)).toEqual([
      { at: 10_000, availableCredits: 100 },
      { at: 10_000, availableCredits: 5 },
      { at: 20_000, availableCredits: 5 },
      { at: 20_000, availableCredits: 100 },
      { at: 30_000, availableCredits: 100 }
    ])
  })

  it("happens in the order of its times, in whatever order it was scheduled", () => {
    const ledger = open({ availableCredits: 0 })
    ledger.spend({ credits: 10, inMillis: 200 }, 0)
    ledger.topUp({ credits: 10, inMillis: 100 }, 0)
    expect(ledger.state(200)).toMatchObject({ spentCredits: 10, refused: 0 })
  })

  it("changes nothing when the balance is too low by then, and says so", () => {
    const ledger = open()
    ledger.spend({ credits: 60, inMillis: 100 }, 0)
    ledger.spend({ credits: 60 }, 0)
    expect(ledger.state(100)).toMatchObject({ availableCredits: 40, refused: 1, scheduled: 0 })
  })

  it("uses up its id when it is scheduled", () => {
    const ledger = open()
    ledger.spend({ credits: 10, inMillis: 100, id: "a" }, 0)
    expect(ledger.spend({ credits: 10, id: "a" }, 0)).toBe("repeated")
    expect(available(ledger, 100)).toBe(90)
  })

  it("is kept in mind a thousand times", () => {
    const ledger = open()
    for (let n = 0; n < maxKept; n++) ledger.topUp({ credits: 1, inMillis: 10 }, 0)
    expect(ledger.topUp({ credits: 1, inMillis: 10, id: "a" }, 0)).toBe("full")
    expect(available(ledger, 10)).toBe(1100)
    expect(ledger.topUp({ credits: 1, inMillis: 10, id: "a" }, 10)).toBe("scheduled")
  })
})

describe("the lag", () => {
  it("hides a spend from readers for its time, and from nobody else", () => {
    const ledger = open({ lagMillis: 5000 })
    ledger.spend({ credits: 10 }, 1000)
    ledger.topUp({ credits: 1 }, 2000)
    ledger.spend({ credits: 20 }, 3000)
    expect(ledger.state(3000)).toMatchObject({ availableCredits: 71, reportedCredits: 101 })
    expect(ledger.reported(5999).availableCredits).toBe(101)
    expect(ledger.reported(6000).availableCredits).toBe(91)
    expect(ledger.reported(8000).availableCredits).toBe(71)
  })

  it("does not let more be spent than there is", () => {
    const ledger = open({ lagMillis: 5000 })
    ledger.spend({ credits: 90 }, 0)
    expect(ledger.reported(0).availableCredits).toBe(100)
    expect(ledger.spend({ credits: 20 }, 0)).toBe("short")
  })

  it("holds any number of spends in bounded memory, none of them shorter than its time", () => {
    const ledger = open({ availableCredits: 10_000, totalCredits: 10_000, lagMillis: 60_000 })
    for (let now = 0; now < 5000; now++) ledger.spend({ credits: 1 }, now)
    expect(ledger.reported(59_999).availableCredits).toBe(10_000)
    expect(ledger.reported(64_999).availableCredits).toBe(5000)
  })
})

const hundredths = fc.integer({ min: 1, max: 20_000 })
const later = fc.option(fc.integer({ min: 0, max: 5000 }), { nil: undefined })
const happening = fc.record({
  wait: fc.integer({ min: 0, max: 3000 }),
  what: fc.oneof(
    fc.record({ kind: fc.constant("read" as const) }),
    fc.record({
      kind: fc.constantFrom("spend" as const, "topUp" as const),
      hundredths,
      id: fc.option(fc.constantFrom("a", "b", "c"), { nil: undefined }),
      inMillis: later,
      expiresInMillis: later
    })
  )
})

it("always has what was granted less what was spent, drained and expired, and invents nothing for readers", () => {
  const opening = fc.record({
    available: fc.integer({ min: -5000, max: 50_000 }),
    drainPerMinute: fc.constantFrom(0, 0.5, 60, 12_345.678),
    lagMillis: fc.constantFrom(0, 1, 700),
    expiresInMillis: later
  })
  fc.assert(
    fc.property(opening, fc.array(happening, { maxLength: 40 }), ({ available: start, ...rest }, happenings) => {
      const ledger = open({ availableCredits: start / 100, totalCredits: start / 100, ...rest })
      let now = 0
      for (const { wait, what } of happenings) {
        now += wait
        if (what.kind !== "read") ledger[what.kind]({ ...what, credits: what.hundredths / 100 }, now)
        const state = ledger.state(now)
        const cents = (credits: number) => Math.round(credits * 100)
        expect(state.availableCredits * 100).toBeCloseTo(cents(state.availableCredits), 6)
        expect(cents(state.availableCredits)).toBe(
          cents(state.grantedCredits) - cents(state.spentCredits) - cents(state.drainedCredits) -
            cents(state.expiredCredits)
        )
        if (start >= 0) expect(state.availableCredits).toBeGreaterThanOrEqual(0)
        expect(state.lowestCredits).toBeLessThanOrEqual(state.availableCredits)
        expect(state.reportedCredits).toBeGreaterThanOrEqual(state.availableCredits)
        expect(state.reportedCredits).toBeLessThanOrEqual(state.grantedCredits)
        expect(ledger.reported(now).availableCredits).toBe(state.reportedCredits)
      }
    })
  )
})

it("agrees with plain sums of whole hundredths, whatever is granted and spent", () => {
  const steps = fc.array(fc.record({ kind: fc.constantFrom("spend" as const, "topUp" as const), hundredths }))
  fc.assert(fc.property(hundredths, steps, (start, moves) => {
    const ledger = open({ availableCredits: start / 100, totalCredits: start / 100 })
    let balance = start
    for (const move of moves) {
      const outcome = ledger[move.kind]({ credits: move.hundredths / 100 }, 0)
      if (move.kind === "topUp") balance += move.hundredths
      else if (move.hundredths <= balance) balance -= move.hundredths
      else expect(outcome).toBe("short")
      expect(available(ledger)).toBe(balance / 100)
    }
  }))
})
