import { byFamily, judge } from "@effect-pollo/behaviour"
import { describe, expect, it } from "vitest"
import { run } from "../src/runner.ts"

describe.concurrent.each(byFamily)("%s", (_, rows) => {
  it.each(rows)("$name", async (row) => {
    expect(judge(row, await run(row))).toEqual([])
  })
})
