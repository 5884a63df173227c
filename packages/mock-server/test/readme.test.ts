import { execFile } from "node:child_process"
import { readFile } from "node:fs/promises"
import { promisify } from "node:util"
import { expect, it } from "vitest"
import { operations } from "../src/admin/operations.ts"
import { settingOptions } from "../src/settings/options.ts"
import { allSteps, stepFamilies } from "../src/steps/table.ts"

const page = (name: string): Promise<string> =>
  readFile(new URL(`../../../docs/mock/${name}.md`, import.meta.url), "utf8")
const readme = await readFile(new URL("../README.md", import.meta.url), "utf8")
const [steps, accounts, journal, admin, inCode] = await Promise.all(
  ["steps", "accounts", "journal", "admin", "in-code"].map(page)
)

/** The rows of the table under that heading of a page, without the padding that the formatter puts in. */
const rowsUnder = (heading: string, text = ""): ReadonlyArray<string> =>
  text.slice(text.indexOf(heading)).split("\n\n")[0]?.split("\n").slice(2).map((row) => row.replace(/ +/g, " "))
    ?? []

const row = (names: ReadonlyArray<string>, { conforms, summary }: { conforms: boolean; summary: string }): string =>
  `| ${names.map((name) => `\`${name}\``).join(", ")} | ${summary} | ${conforms ? "yes" : "no"} |`

it("the documentation lists every step, as the step describes itself", () => {
  expect(rowsUnder("| step", steps)).toEqual([
    ...allSteps.map((step) => row([step.name, ...(step.aliases ?? [])], step)),
    ...stepFamilies.map((family) => row(family.forms, family))
  ])
})

it("the documentation lists every call of the admin API", () => {
  expect(rowsUnder("| method of `admin`", admin)).toEqual(
    Object.values(operations).map(({ id, method, path, query, summary }) => {
      const names = Object.keys(query.entries).map((name) => `${name}=`)
      return `| \`${id}\` | \`${method} ${path}${names.length > 0 ? `?${names.join("&")}` : ""}\` | ${summary} |`
    })
  )
})

it("the documentation lists every option of the server", () => {
  const names = rowsUnder("| option of", inCode).map((line) => /^\| `(\w+)`/.exec(line)?.[1])
  expect(names).toEqual([...Object.keys(settingOptions), "accounts", "adminToken"])
})

const programs = [...[readme, accounts, journal, inCode].join("\n").matchAll(/```ts\n([^]*?)```/g)].flatMap((
  [, code = ""]
) => code.includes(`from "@effect-pollo/mock-server"\n`) && code.includes("console.log") ? [code] : [])

it("the documentation has programs", () => expect(programs.length).toBeGreaterThan(3))

it.each(programs.map((program) => ({ program })))(
  "the documentation says what program $# prints",
  async ({ program }) => {
    const index = new URL("../src/index.ts", import.meta.url).href
    const code = program.replace(`"@effect-pollo/mock-server"`, JSON.stringify(index))
    const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module-typescript", "-e", code])
    const said = [...program.matchAll(/^console\.log\(.*\) \/\/ (.*)$/gm)].map(([, text = ""]) =>
      text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`).replaceAll("…", ".*").replaceAll(
        "<port>",
        String.raw`\d+`
      )
    )
    expect(stdout).toMatch(new RegExp(`^${said.join(String.raw`\n`)}\n$`))
  }
)
