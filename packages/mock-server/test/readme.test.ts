import { readFile } from "node:fs/promises"
import { expect, it } from "vitest"
import { allSteps } from "../src/steps/table.ts"

const readme = await readFile(new URL("../README.md", import.meta.url), "utf8")

/** The rows of the table under that heading, without the padding that the formatter puts in. */
const rowsUnder = (heading: string): ReadonlyArray<string> =>
  readme.slice(readme.indexOf(heading)).split("\n\n")[0]?.split("\n").slice(2).map((row) => row.replace(/ +/g, " "))
    ?? []

it("the README lists every step, as the step describes itself", () => {
  expect(rowsUnder("| step")).toEqual(
    allSteps.map(({ aliases = [], conforms, name, summary }) =>
      `| ${[name, ...aliases].map((written) => `\`${written}\``).join(", ")} | ${summary} | ${
        conforms ? "yes" : "no"
      } |`
    )
  )
})
