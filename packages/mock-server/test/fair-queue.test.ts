import * as fc from "fast-check"
import { queryObjects } from "node:v8"
import { describe, expect, it } from "vitest"
import { FairQueue } from "../src/journal/fair-queue.ts"

describe("a fair queue", () => {
  it("drops the oldest item of the busiest key, and leaves the few of others alone", () => {
    const queue = new FairQueue<string>()
    for (const item of ["quiet 1", "quiet 2"]) queue.add("quiet", item, 10)
    for (let n = 0; n < 100; n++) queue.add("busy", `busy ${n}`, 10)
    expect([...queue.of("quiet")]).toEqual(["quiet 1", "quiet 2"])
    expect([...queue.of("busy")]).toEqual(Array.from({ length: 8 }, (_, n) => `busy ${92 + n}`))
    expect(queue.size).toBe(10)
  })

  it("keeps nothing for a size that no key has", () => {
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

  it("never holds too much, keeps the newest of each key, and takes from none that has less than the others", () => {
    const keys = ["a", "b", "c", "d"]
    const key = fc.constantFrom(...keys)
    const room = fc.integer({ min: 0, max: 8 })
    const operation = fc.oneof(
      { weight: 10, arbitrary: fc.record({ kind: fc.constant("add" as const), key }) },
      fc.record({ kind: fc.constant("clear" as const), key }),
      fc.record({ kind: fc.constant("trim" as const), room }),
      fc.record({ kind: fc.constant("clearAll" as const) })
    )
    fc.assert(fc.property(room, fc.array(operation, { maxLength: 60 }), (start, operations) => {
      const queue = new FairQueue<number>()
      const held = new Map<string, ReadonlyArray<number>>(keys.map((name) => [name, []]))
      let limit = start
      for (const [item, each] of operations.entries()) {
        if (each.kind === "add") {
          queue.add(each.key, item, limit)
          held.set(each.key, [...held.get(each.key) ?? [], item])
        } else if (each.kind === "clear") {
          queue.clear(each.key)
          held.set(each.key, [])
        } else if (each.kind === "trim") {
          limit = each.room
          queue.trim(limit)
        } else {
          queue.clearAll()
          for (const name of keys) held.set(name, [])
        }
        const most = Math.max(...keys.map((name) => [...queue.of(name)].length))
        const before = [...held.values()].flat()
        for (const [name, had] of held) {
          const has = [...queue.of(name)]
          expect(has).toEqual(had.slice(had.length - has.length))
          if (has.length < had.length) expect(has.length).toBeGreaterThanOrEqual(most - 1)
          held.set(name, has)
        }
        expect(queue.size).toBe(Math.min(before.length, limit))
        expect([...queue.all()].toSorted()).toEqual([...held.values()].flat().toSorted())
      }
    }))
  })
})
