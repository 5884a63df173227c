/** How figures and text look in a terminal. Pure. */

const grouped = new Intl.NumberFormat("en-US", { maximumFractionDigits: 2, signDisplay: "negative" })

/** A figure that no account ever has is written by its order of magnitude, and not with 300 digits. */
const ofMagnitude = new Intl.NumberFormat("en-US", { maximumSignificantDigits: 3, notation: "scientific" })

/** Credits, in hundredths at most: the vendor charges no less. */
export const credits = (figure: number): string => (Math.abs(figure) < 1e15 ? grouped : ofMagnitude).format(figure)

const estimated = new Intl.NumberFormat("en-US", { maximumSignificantDigits: 3 })

/** A rate is an estimate: more digits would claim more than is known. */
export const rate = (figure: number): string => {
  const size = Math.abs(figure)
  return (size === 0 || (size >= 1e-3 && size < 1e15) ? estimated : ofMagnitude).format(figure)
}

/** Wide enough for the balances of most accounts, so that lines written one after the other align. */
const figureWidth = 10

const figure = (value: number): string => credits(value).padStart(figureWidth)

/** The share that is left, or nothing when the total makes no sense of one, or when no number is as large. */
export const share = (available: number, total: number): number | undefined => {
  const part = total > 0 ? available / total : undefined
  return Number.isFinite(part) ? part : undefined
}

const eighths = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]

/** A bar that shows shares below 0 as empty and above 1 as full, and any other as not full. */
export const bar = (part: number, cells = 10): string => {
  const rounded = Math.round(Math.min(1, Math.max(0, part)) * cells * 8)
  const filled = part < 1 ? Math.min(rounded, cells * 8 - 1) : rounded
  return ("█".repeat(Math.floor(filled / 8)) + (eighths[filled % 8] ?? "")).padEnd(cells, "░")
}

/** 100% is all of it: a little less is 99%, a little more 101%. What is beyond four digits is only said to be that. */
export const percent = (part: number): string => {
  if (part >= 99.995) return ">9999%"
  if (part <= -99.995) return "<-9999%"
  const rounded = Math.round(part * 100)
  return `${rounded === 100 && part !== 1 ? (part < 1 ? 99 : 101) : rounded}%`
}

export const balanceLine = (available: number, total: number): string => {
  const line = `${figure(available)} of ${figure(total)} credits`
  const part = share(available, total)
  return part === undefined ? line : `${line}  ${bar(part)} ${percent(part).padStart(4)}`
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
 * Text from outside, on one line and without anything that a terminal acts on: control, format and separator characters
 * are written as escapes, and what is too long for an error is cut, before the word that no longer fits: half of a
 * secret would not be known for one.
 */
export const printable = (text: string, limit = 200): string => {
  const escaped = text.replaceAll(
    /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu,
    (character) => character === "\n" ? " " : `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`
  )
  return escaped.length > limit ? `${escaped.slice(0, limit - 1).replace(/\S+$/, "")}…` : escaped
}
