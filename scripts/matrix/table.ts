/** The tables of `docs/runtimes.md`: each part of the matrix writes its own, from what it saw. */
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { bin, root, run } from "../packed.ts"

const page = join(root, "docs/runtimes.md")

const line = (cells: ReadonlyArray<string>): string => `| ${cells.join(" | ")} |`

export const putTable = (
  part: "runtimes" | "types",
  head: ReadonlyArray<string>,
  rows: ReadonlyArray<ReadonlyArray<string>>
): void => {
  const begin = `<!-- ${part} -->`
  const end = `<!-- end of ${part} -->`
  const text = readFileSync(page, "utf8")
  const from = text.indexOf(begin)
  const to = text.indexOf(end)
  if (from < 0 || to < from) throw new Error(`docs/runtimes.md has no place for ${part}`)
  const table = [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n")
  writeFileSync(page, `${text.slice(0, from)}${begin}\n\n${table}\n\n${text.slice(to)}`)
  run(bin("dprint"), ["fmt", "docs/runtimes.md"])
}
