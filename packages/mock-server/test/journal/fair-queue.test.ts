import * as fc from "fast-check"
import { queryObjects } from "node:v8"
import { describe, expect, it } from "vitest"
import { FairQueue } from "../../src/journal/fair-queue.ts"

describe("a fair queue", () => {
  it("drops the oldest item of the busiest key, and leaves the few of others alone", () => {
    const queue = new FairQueue<string>()
    for (const item of ["quiet 1", "quiet 2"]) queue.add("quiet", item, 10)
    for (let n = 0; n < 100; n++) queue.add("busy", `busy ${n}`, 10)
    expect([...queue.of("quiet")]).toEqual(["quiet 1", "quiet 2"])
    expect([...queue.of("busy")]).toEqual(Array.from({ length: 8 }, (_, n) => `busy ${92 + n}`))
    expect(queue.size).toBe(10)
  })

  it("forgets a size once no key has it", () => {
    const sets = () => queryObjects(Set, { format: "count" })
    const queue = new FairQueue<number>()
    const before = sets()
    for (let n = 0; n < 1000; n++) queue.add("a", n, 1000)
    expect(sets() - before).toBeLessThan(100)
    queue.clear("a")
    expect([...queue.all()]).toEqual([])
  })

  it("holds nothing when there is room for nothing", () => {
    const queue = new FairQueue<number>()
    queue.add("a", 1, 0)
    expect([[...queue.all()], queue.size]).toEqual([[], 0])
  })

  /** The rule, as it is said: who may lose an item when a queue of that limit holds these, and came in this order. */
  const losers = (limit: number, held: ReadonlyMap<string, ReadonlyArray<number>>): ReadonlyArray<string> => {
    const all = [...held].filter(([, items]) => items.length > 0)
    const most = Math.max(...all.map(([, items]) => items.length))
    const busy = all.filter(([, items]) => items.length > Math.max(limit / 16, Math.min(8, limit / 4)))
    const isTooMuch =
      busy.reduce((sum, [, items]) => sum + items.length, 0) > Math.max(limit / 4, Math.min(8, limit / 2))
    return isTooMuch
      ? all.flatMap(([key, items]) => items.length === most ? [key] : [])
      : all.slice(0, 1).map(([key]) => key)
  }

  it("never exceeds its limit, and drops the oldest item of the key that came longest ago, unless busy keys have too many", () => {
    const key = fc.constantFrom("a", "b", "c", "d", "e", "f")
    const room = fc.oneof(fc.integer({ min: 0, max: 8 }), fc.integer({ min: 0, max: 60 }))
    const operation = fc.oneof(
      { weight: 30, arbitrary: fc.record({ kind: fc.constant("add" as const), key }) },
      fc.record({ kind: fc.constant("clear" as const), key }),
      fc.record({ kind: fc.constant("trim" as const), room }),
      fc.record({ kind: fc.constant("clearAll" as const) })
    )
    fc.assert(fc.property(room, fc.array(operation, { maxLength: 200 }), (start, operations) => {
      let limit = start
      /** The key that came last is at the end. */
      const held = new Map<string, ReadonlyArray<number>>()
      let allowed: ReadonlyArray<string> = []
      const queue = new FairQueue<readonly [string, number]>(([name, item]) => {
        if (limit > 0) expect([...allowed, ...losers(limit, held)]).toContain(name)
        expect(held.get(name)?.[0]).toBe(item)
        held.set(name, held.get(name)?.slice(1) ?? [])
      })
      for (const [item, each] of operations.entries()) {
        allowed = []
        if (each.kind === "add") {
          const before = held.get(each.key) ?? []
          // Whether the newcomer counts already, when one is chosen to lose an item, makes no difference to anybody.
          if (queue.size === limit && limit > 0) allowed = losers(limit, held).filter((name) => name === each.key)
          held.delete(each.key)
          held.set(each.key, [...before, item])
          queue.add(each.key, [each.key, item], limit)
        } else if (each.kind === "clear") {
          queue.clear(each.key)
          held.delete(each.key)
        } else if (each.kind === "trim") {
          limit = each.room
          queue.trim(limit)
        } else {
          queue.clearAll()
          held.clear()
        }
        const kept = [...held.values()].flat()
        expect([...queue.all()].map(([, each]) => each).toSorted()).toEqual(kept.toSorted())
        expect(queue.size).toBe(kept.length)
        expect(queue.size).toBeLessThanOrEqual(limit)
      }
    }))
  })
})
