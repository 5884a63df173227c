/** Tables and gates: what is printed, and what goes into `docs/benchmarks.md`. */
import type { Spread } from "./statistics.ts"

/**
 * A figure that the project promises. The promise is missed only when all of the interquartile range is beyond the
 * limit.
 */
export interface Gate {
  readonly what: string
  readonly figure: Spread
  readonly bound: "at most" | "at least"
  readonly limit: number
}

export const atMost = (what: string, figure: Spread | number, limit: number): Gate => ({
  what,
  figure: typeof figure === "number" ? { median: figure, low: figure, high: figure } : figure,
  bound: "at most",
  limit
})

export const atLeast = (what: string, figure: Spread | number, limit: number): Gate => ({
  ...atMost(what, figure, limit),
  bound: "at least"
})

/** One part of the benchmarks, as it was measured. */
export interface Section {
  readonly title: string
  /** What was measured and how, in Markdown. */
  readonly text: string
  readonly columns: ReadonlyArray<string>
  readonly rows: ReadonlyArray<ReadonlyArray<string>>
  readonly gates: ReadonlyArray<Gate>
}

export const isHeld = ({ bound, figure, limit }: Gate): boolean =>
  bound === "at most" ? figure.low <= limit : figure.high >= limit

/** Small figures get more digits. */
export const show = (figure: number): string => figure.toFixed(figure < 10 ? 2 : figure < 100 ? 1 : 0)

export const showSpread = ({ high, low, median }: Spread): string =>
  low === high ? show(median) : `${show(median)} (${show(low)} to ${show(high)})`

const table = (columns: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string>>): string => {
  const widths = columns.map((column, index) =>
    Math.max(3, column.length, ...rows.map((row) => row[index]?.length ?? 0))
  )
  const line = (cells: ReadonlyArray<string>) =>
    `| ${
      cells.map((cell, index) => index === 0 ? cell.padEnd(widths[index] ?? 0) : cell.padStart(widths[index] ?? 0))
        .join(" | ")
    } |`
  const rule = `| ${
    widths.map((width, index) => index === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`).join(" | ")
  } |`
  return [line(columns), rule, ...rows.map(line)].join("\n")
}

/** Prose in lines of at most 120 columns. */
export const wrapped = (text: string): string => {
  const lines = [""]
  for (const word of text.split(" ")) {
    const last = lines.at(-1) ?? ""
    if (last === "") lines[lines.length - 1] = word
    else if (last.length + word.length < 120) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines.join("\n")
}

export const markdown = (section: Section): string => {
  const gates = section.gates.map((gate) => [
    gate.what,
    showSpread(gate.figure),
    `${gate.bound} ${gate.limit}`,
    isHeld(gate) ? "held" : "**missed**"
  ])
  return [
    `## ${section.title}`,
    wrapped(section.text),
    table(section.columns, section.rows),
    ...(gates.length === 0 ? [] : [table(["promise", "measured", "limit", ""], gates)])
  ].join("\n\n")
}
