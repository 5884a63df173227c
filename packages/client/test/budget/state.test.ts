import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { balanceUnits, costUnits, toCredits } from "../../src/internal/budget/units.ts"
import { disturbed, type History, history } from "../support/budgetHistory.ts"
import { World } from "../support/budgetWorld.ts"

const numRuns = Number(process.env["POLLO_TEST_HISTORIES"] ?? 2000)

/** No history of such a world breaks a promise, and at its end all comes to rest. */
const hold = (histories: fc.Arbitrary<History>) =>
  fc.assert(
    fc.property(histories, (past) => {
      const world = new World(past)
      for (const step of past.steps) world.run(step)
      world.settleDown()
    }),
    { numRuns }
  )

describe("the books", () => {
  it("never lead below the margin, never lose a hold, never keep one, never let one overtake", () => {
    hold(history)
  }, 3_600_000)

  it(
    "tell of a stranger and of nobody else, and are right again when the jobs of freed holds have said what they were charged",
    () => {
      hold(disturbed)
    },
    3_600_000
  )

  it("show more than is free when a vendor lags more than they know, so the world is hostile enough", () => {
    const overspent = fc.check(
      fc.property(history, (past) => {
        const world = new World(past, past.rules.lag + 300)
        for (const step of past.steps) world.run(step)
      }),
      { numRuns: 3000, seed: 1 }
    )
    assert.isTrue(overspent.failed)
    assert.include(String(overspent.errorInstance), "the books never show more than is free")
  })
})

describe("units", () => {
  it("are exact for anything a vendor can charge, and round against the spender beyond", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 900_000_000_000 }), (hundredths) => {
        const credits = hundredths / 100
        assert.strictEqual(costUnits(credits), hundredths * 10_000)
        assert.strictEqual(balanceUnits(credits), hundredths * 10_000)
        assert.strictEqual(toCredits(costUnits(credits)), credits)
      })
    )
    assert.strictEqual(costUnits(45.99 - 45), 990_000)
    assert.strictEqual(costUnits(1.0000001), 1_000_001)
    assert.strictEqual(balanceUnits(1.0000009), 1_000_000)
    assert.strictEqual(balanceUnits(-1.0000001), -1_000_001)
    fc.assert(
      fc.property(fc.double({ min: 0, noNaN: true }), (credits) => {
        assert.isAtLeast(costUnits(credits), balanceUnits(credits))
        assert.isTrue(Number.isSafeInteger(costUnits(credits)) && Number.isSafeInteger(balanceUnits(-credits)))
      })
    )
  })
})
