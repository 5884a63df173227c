/** How figures and text look in a terminal. Pure. */

const grouped = new Intl.NumberFormat("en-US", { maximumFractionDigits: 2, signDisplay: "negative" })

/** Credits, in hundredths at most: the vendor charges no less. */
export const credits = (figure: number): string => grouped.format(figure)

/** Wide enough for the balances of most accounts, so that lines written one after the other align. */
const figureWidth = 10

const figure = (value: number): string => credits(value).padStart(figureWidth)

/** The share that is left, or nothing when the total makes no sense of one. */
export const share = (available: number, total: number): number | undefined => total > 0 ? available / total : undefined

const eighths = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]

/** A bar that shows shares below 0 as empty and above 1 as full. */
export const bar = (part: number, cells = 10): string => {
  const filled = Math.round(Math.min(1, Math.max(0, part)) * cells * 8)
  return ("█".repeat(Math.floor(filled / 8)) + (eighths[filled % 8] ?? "")).padEnd(cells, "░")
}

const percent = (part: number): string => `${Math.round(part * 100)}%`.padStart(4)

export const balanceLine = (available: number, total: number): string => {
  const line = `${figure(available)} of ${figure(total)} credits`
  const part = share(available, total)
  return part === undefined ? line : `${line}  ${bar(part)} ${percent(part)}`
}

const levels = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]

/** One mark for each figure, from the least of them to the greatest. Halves, since a difference may be too large. */
export const sparkline = (figures: ReadonlyArray<number>): string => {
  const least = Math.min(...figures) / 2
  const range = Math.max(...figures) / 2 - least
  return figures.map((value) => {
    const level = range === 0 ? 3 : Math.round((value / 2 - least) / range * (levels.length - 1))
    return levels[level]
  }).join("")
}

/**
 * Text from outside, on one line and without anything that a terminal acts on: control, format and separator
 * characters are written as escapes, and what is too long for an error is cut.
 */
export const printable = (text: string, limit = 200): string => {
  const escaped = text.replaceAll(
    /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu,
    (character) => character === "\n" ? " " : `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`
  )
  return escaped.length > limit ? `${escaped.slice(0, limit - 1)}…` : escaped
}
