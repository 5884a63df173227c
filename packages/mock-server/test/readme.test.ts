import { readFile } from "node:fs/promises"
import { expect, it } from "vitest"
import { allSteps, stepFamilies } from "../src/steps/table.ts"

const readme = await readFile(new URL("../README.md", import.meta.url), "utf8")

/** The rows of the table under that heading, without the padding that the formatter puts in. */
const rowsUnder = (heading: string): ReadonlyArray<string> =>
  readme.slice(readme.indexOf(heading)).split("\n\n")[0]?.split("\n").slice(2).map((row) => row.replace(/ +/g, " "))
    ?? []

const row = (names: ReadonlyArray<string>, { conforms, summary }: { conforms: boolean; summary: string }): string =>
  `| ${names.map((name) => `\`${name}\``).join(", ")} | ${summary} | ${conforms ? "yes" : "no"} |`

it("the README lists every step, as the step describes itself", () => {
  expect(rowsUnder("| step")).toEqual([
    ...allSteps.map((step) => row([step.name, ...(step.aliases ?? [])], step)),
    ...stepFamilies.map((family) => row(family.forms, family))
  ])
})
