/** Tables in a Markdown document that tests write and hold up to date. */

/** A table as the formatter leaves it. */
export const tableOf = (head: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string>>): string => {
  const widths = head.map((_, column) => Math.max(3, ...[head, ...rows].map((row) => row[column]?.length ?? 0)))
  const line = (cells: ReadonlyArray<string>): string =>
    `| ${widths.map((width, column) => (cells[column] ?? "").padEnd(width)).join(" | ")} |`
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n")
}

/** The document with each table in its place, which `<!-- <name>: begin -->` and `<!-- <name>: end -->` mark. */
export const withTables = (document: string, tables: Readonly<Record<string, string>>): string => {
  let result = document
  for (const [name, table] of Object.entries(tables)) {
    const [begin, end] = [`<!-- ${name}: begin -->`, `<!-- ${name}: end -->`]
    const [from, to] = [result.indexOf(begin), result.indexOf(end)]
    if (from === -1 || to < from) throw new Error(`the document has no place for the table "${name}"`)
    result = `${result.slice(0, from + begin.length)}\n\n${table}\n\n${result.slice(to)}`
  }
  return result
}
