import { byFamily, table } from "../src/index.ts"
import { describe, expect, it } from "vitest"

describe("the table", () => {
  it("has a unique name for each row, and a row for each family", () => {
    const names = table.map(({ name }) => name)
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([])
    for (const [, rows] of byFamily) expect(rows.length).toBeGreaterThan(0)
  })

  it("wants a wait after each request", () => {
    const odd = table.filter(({ wants }) => wants.waits !== undefined && wants.waits.length !== wants.requests)
    expect(odd.map(({ name }) => name)).toEqual([])
  })
})
