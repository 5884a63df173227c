import { expect, it } from "vitest"
import { addressed, mistakeIn } from "../address.ts"

it.each([
  ["", "Not an address: "],
  ["github.com/owner/name", "Not an address: github.com/owner/name"],
  ["http://github.com/owner/name", "The address begins with https://"],
  ["https://github.com/owner", "The address ends in /owner/name"],
  ["https://github.example/owner/name", "Nobody can own github.example"],
  ["https://github.com/owner/name", undefined]
])("of %j says %j", (address, mistake) => {
  expect(mistakeIn(address)).toBe(mistake)
})

it("gives every package the addresses that follow from one", () => {
  expect(addressed({ name: "x" }, "https://github.com/owner/name.git")).toEqual({
    name: "x",
    homepage: "https://github.com/owner/name#readme",
    bugs: { url: "https://github.com/owner/name/issues" },
    repository: { type: "git", url: "git+https://github.com/owner/name.git" }
  })
})
