/** The README and the page of the program say what it does: tables come from the code, and the recorded run is run. */
import { createMockServer } from "@effect-pollo/mock-server"
import { SchemaAST } from "effect"
import { execFile } from "node:child_process"
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { expect, it } from "vitest"
import { differenceNames } from "../src/values/difference.ts"
import { counters, gauges, infos } from "../src/exporter/metrics.ts"
import { BalanceOutput, BudgetOutput, CheckOutput, exitCodes, FreedOutput } from "../src/index.ts"
import { bin, lines } from "./support/cli.ts"

const readme = await readFile(new URL("../README.md", import.meta.url), "utf8")
const page = await readFile(new URL("../../../docs/cli.md", import.meta.url), "utf8")

/** The rows of the first table after that text, without the padding that the formatter puts in. */
const rowsAfter = (text: string, document = page): ReadonlyArray<string> => {
  const from = document.slice(document.indexOf(text))
  const table = from.slice(from.indexOf("\n|") + 1).split("\n\n")[0] ?? ""
  return table.split("\n").slice(2).map((row) => row.replace(/ +/g, " "))
}

interface Fields {
  readonly [name: string]: { readonly ast: SchemaAST.AST }
}
const rowsOf = (fields: Fields, prefix = "") =>
  Object.entries(fields).map(([name, { ast }]) => {
    const description = SchemaAST.resolveDescription(ast)
    if (description === undefined) throw new Error(`the field ${prefix}${name} has no description`)
    return `| \`${prefix}${name}\` | ${description} |`
  })

it.each([["README", readme], ["page", page]])("lists every exit code in the %s", (_, document) => {
  expect(rowsAfter("## Exit codes", document)).toEqual(
    Object.entries(exitCodes).map(([name, { code, when }]) => `| ${code} | \`${name}\` | ${when} |`)
  )
})

it("lists every field of balance --json", () => {
  expect(rowsAfter("## `balance --json`")).toEqual(rowsOf(BalanceOutput.fields))
})

it("lists every field of check --json", () => {
  const { answer, differences, failure } = CheckOutput.fields
  expect(rowsAfter("`check --json` prints")).toEqual([
    ...rowsOf(CheckOutput.fields),
    ...rowsOf(answer.members[0].fields, "answer."),
    ...rowsOf(differences.value.fields, "differences[]."),
    ...rowsOf(failure.members[0].fields, "failure.")
  ])
})

it("lists every field of budget --json", () => {
  expect(rowsAfter("`budget --json` prints")).toEqual([
    ...rowsOf(BudgetOutput.fields),
    ...rowsOf(FreedOutput.fields, "holds[].")
  ])
})

it("lists every difference that check knows", () => {
  expect(rowsAfter("## `check`")).toEqual(
    Object.entries(differenceNames).map(([name, what]) => `| \`${name}\` | ${what} |`)
  )
})

it("lists every metric of the exporter", () => {
  const type = (name: string) => name in counters ? "counter" : name === "pollo_credits_total" ? "none" : "gauge"
  const helps = [
    ...Object.entries(gauges).map(([name, { help }]) => [name, help]),
    ...Object.entries({ ...counters, ...infos })
  ]
  expect(rowsAfter("## `exporter`")).toEqual(
    helps.map(([name = "", help]) => `| \`${name}\` | ${type(name)} | ${help} |`)
  )
})

/** What is different on each run, as the README writes it. */
const masked = (output: string): string =>
  output
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "?")
    .replaceAll(/(after|waited) \d+ ?m?s( \d+ms)?/g, "$1 ?")
    .replaceAll(/request id [^\s,]+( sent)?/g, "request id ?")

// The recorded run is one of a POSIX shell.
it.skipIf(process.platform === "win32")("shows a run as it is", async () => {
  const [, recorded = ""] = /```console\n(.*?)```/s.exec(readme) ?? []
  const steps = recorded.split(/^\$ /m).slice(1).map((step) => {
    const [command = "", ...output] = step.trimEnd().split("\n")
    return { command, output }
  })
  expect(steps.length).toBeGreaterThan(4)

  const folder = await mkdtemp(join(tmpdir(), "pollo-credits-"))
  await using server = await createMockServer().listen()
  try {
    await writeFile(join(folder, "pollo-credits"), `#!/bin/sh\nexec '${process.execPath}' '${bin}' "$@"\n`)
    await chmod(join(folder, "pollo-credits"), 0o755)
    for (const { command, output } of steps) {
      const { stdout } = await promisify(execFile)("sh", ["-c", `{ ${command}\n} 2>&1`], {
        env: {
          PATH: `${folder}:${process.env.PATH}`,
          POLLO_BASE_URL: server.baseUrl,
          POLLO_API_KEY: "mock_ok"
        }
      })
      const shown = masked(stdout.replaceAll(`127.0.0.1:${server.port}`, "127.0.0.1:4010"))
      expect(lines(shown), command).toEqual(output)
    }
  } finally {
    await rm(folder, { recursive: true })
  }
})
