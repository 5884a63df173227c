import type { CreditBudget } from "@effect-pollo/client/CreditBudget"
import { DateTime } from "effect"
import * as fc from "fast-check"
import { expect, it } from "vitest"
import { described, summary, table } from "../../src/budget/lines.ts"

const now = DateTime.makeUnsafe("2026-01-02T03:04:05Z")
const hold = (fields: Partial<CreditBudget.Hold>): CreditBudget.Hold => ({
  id: "m.1",
  phase: "active",
  credits: 30,
  since: DateTime.makeUnsafe("2026-01-02T01:00:00.900Z"),
  machine: "m",
  ...fields
})

it("a table aligns its columns, also for letters of two columns", () => {
  expect(
    table([hold({ label: "資料" }), hold({ id: "machine.22", credits: 1234.5, phase: "waiting", since: now })], now)
  ).toEqual([
    "ID          PHASE    CREDITS  LABEL  SINCE                      FOR",
    "m.1         active        30  資料   2026-01-02T01:00:00Z  2h 4m 4s",
    "machine.22  waiting  1,234.5         2026-01-02T03:04:05Z        0s"
  ])
})

it("a table that is wider than the terminal goes without the time that its last column tells too", () => {
  expect(table([hold({ label: "team-a" })], now, 50)).toEqual([
    "ID   PHASE   CREDITS  LABEL        FOR",
    "m.1  active       30  team-a  2h 4m 4s"
  ])
  expect(table([hold({})], now, 60)[0]).toContain("SINCE")
})

it("whatever others wrote into the books stays on its line and does nothing to a terminal", () => {
  const text = fc.string({ unit: "binary", minLength: 1, maxLength: 50 })
  fc.assert(fc.property(text, text, (id, label) => {
    const odd = hold({ id, label })
    for (const line of [...table([odd], now), described(odd, now)]) {
      expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)
    }
  }))
})

it("a clock that is behind that of Redis makes no negative time", () => {
  expect(described(hold({ since: DateTime.add(now, { seconds: 3 }) }), now)).toBe(
    "m.1: 30 credits, active since 2026-01-02T03:04:08Z (0s)"
  )
})

it("a summary says what is held, what is waited for and what was there", () => {
  expect(summary({ available: 1000, reserved: 30, reservations: 1, waiting: 0, limits: [] })).toBe(
    "30 credits are held by 1 reservation; 1,000 were available in the latest reading"
  )
})
