import { assert, describe, it } from "@effect/vitest"
import { scenarios } from "../model/scenarios.ts"
import { search } from "../model/search.ts"

/** `pnpm test:long` asks for many histories, and for all worlds. */
const thorough = process.env["POLLO_TEST_HISTORIES"] !== undefined

describe("in every order in which things can happen", () => {
  for (const { broken, calm, long, name, rules, setting } of scenarios) {
    it.skipIf(long === true && !thorough)(`${broken === undefined ? "holds" : "breaks"}: ${name}`, () => {
      const result = search(rules, setting, {
        calm: calm ?? false,
        ...thorough || broken !== undefined ? {} : { limit: 5000 }
      })
      assert.strictEqual(result.broken, broken, result.trace.map((what, step) => `\n${step + 1}. ${what}`).join(""))
      if (thorough) console.log(`${name}: ${result.worlds} worlds${result.cutOff ? ", and there are more" : ""}`)
    }, 600_000)
  }
})
