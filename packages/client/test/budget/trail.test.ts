import { assert, describe, it } from "@effect/vitest"
import { anew, compare, gone, type Trail } from "../../src/internal/budget/trail.ts"
import { none, units } from "../../src/internal/budget/units.ts"

const lag = 10

/** Readings of books whose counter moves with each: requested and arrived then, and what they come to. */
const reader = (trail: Trail) => {
  let seq = 0
  return (requestedAt: number, now: number, available: number, held = 0) => {
    const reading = { seq: ++seq, at: requestedAt, available: units(available) }
    return compare(trail, { reading, seq: seq++, now, held: units(held), lag })?.amount ?? none
  }
}

describe("the trail of readings", () => {
  it("tells of what a stranger takes, once", () => {
    const read = reader(anew("a"))
    assert.deepEqual([read(0, 1, 100), read(20, 21, 60), read(40, 41, 60)], [0, 40, 0])
  })

  it("says since when: from the request of the reading that was higher to the arrival of this one", () => {
    const trail = anew("a")
    compare(trail, { reading: { seq: 1, at: 5, available: units(9) }, seq: 1, now: 7, held: none, lag })
    const found = compare(trail, { reading: { seq: 2, at: 50, available: units(8) }, seq: 2, now: 60, held: none, lag })
    assert.deepEqual(found, { amount: 1, span: 55 })
  })

  it("knows what a job was charged, by its hold and when that is gone", () => {
    const trail = anew("a")
    const read = reader(trail)
    assert.deepEqual([read(0, 1, 100), read(20, 21, 70, 30)], [0, 0])
    gone(trail, units(30), true)
    assert.deepEqual([read(40, 41, 70), read(60, 61, 65)], [0, 5])
  })

  it("does not see what is hidden by a hold until that is gone or given back", () => {
    const read = reader(anew("a"))
    assert.deepEqual([read(0, 1, 100), read(20, 21, 80, 30), read(40, 41, 80)], [0, 0, 20])
  })

  it("does not compare with a reading that may show a later balance", () => {
    const read = reader(anew("a"))
    // The second was requested too soon after the first had come: which shows the older balance is not known.
    assert.deepEqual([read(0, 5, 100), read(14, 15, 90), read(16, 17, 90)], [0, 0, 10])
  })

  it("tells each part of a theft once, however many readings had come before it", () => {
    const read = reader(anew("a"))
    const before = [100, 110, 120, 130].map((available, at) => read(at, at, available))
    const after = [70, 70, 70, 70, 70, 70].map((available, at) => read(10 + at, 10 + at, available))
    assert.deepEqual([before, after], [[0, 0, 0, 0], [30, 10, 10, 10, 0, 0]])
  })

  it("keeps every level that is higher than those before until it counts", () => {
    const read = reader(anew("a"))
    read(0, 1, 100)
    read(1, 2, 150)
    // The first counts by now, the second not yet.
    assert.strictEqual(read(11, 11, 150), 0)
    assert.strictEqual(read(30, 30, 120), 30)
  })

  it("is not raised by what nobody can know to be charged, however late the charge comes", () => {
    const trail = anew("a")
    const read = reader(trail)
    read(0, 1, 100)
    gone(trail, units(30), false)
    assert.deepEqual([read(20, 21, 100), read(40, 41, 70), read(60, 61, 69)], [0, 0, 1])
  })

  it("keeps so many levels at the most, and of these the first to count", () => {
    const trail = anew("a")
    const read = reader(trail)
    for (let at = 0; at < 100; at++) read(0, 1, 100 + at)
    assert.strictEqual(trail.recent.length, 32)
    assert.deepEqual([trail.recent[30]?.value, trail.recent[31]?.value], [130, 199])
  })
})
