import { describe, expect, it } from "vitest"
import { unknownField } from "../src/index.ts"

describe("unknownField", () => {
  it("finds nothing where all are known", () => {
    expect(unknownField(["a", "b"], ["b", "a", "c"])).toBeUndefined()
    expect(unknownField([], ["a"])).toBeUndefined()
  })

  it("names the first that is not known", () => {
    expect(unknownField(["a", "x", "y"], ["a"])).toEqual({ name: "x", problem: "is not a known field; known are a" })
  })

  it.each(["pollo_canary", "a1", "", "k".repeat(33), "a b"])("does not repeat %j, which could be a key", (name) => {
    expect(unknownField([name], ["a", "b"])).toEqual({
      name: undefined,
      problem: "has an unknown field; known are a, b"
    })
  })
})
