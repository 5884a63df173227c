import { byFamily, judge } from "@effect-pollo/behaviour"
import { describe, expect, it } from "vitest"
import { run } from "../src/runner.ts"

for (const [family, rows] of byFamily) {
  describe.concurrent(family, () => {
    for (const row of rows) {
      it(row.name, async () => expect(judge(row, await run(row))).toEqual([]))
    }
  })
}
