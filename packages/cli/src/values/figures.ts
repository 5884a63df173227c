/** How figures and text look in a terminal. Pure. */

const grouped = new Intl.NumberFormat("en-US", { maximumFractionDigits: 2, signDisplay: "negative" })

/** A figure that is too large for any account is written in powers of ten, not with 300 digits. */
const ofMagnitude = new Intl.NumberFormat("en-US", { maximumSignificantDigits: 3, notation: "scientific" })

/** Credits with at most two decimals: the vendor charges in hundredths. */
export const credits = (figure: number): string => (Math.abs(figure) < 1e15 ? grouped : ofMagnitude).format(figure)

const estimated = new Intl.NumberFormat("en-US", { maximumSignificantDigits: 3 })

/** A rate with few digits, because it is only an estimate. */
export const rate = (figure: number): string => {
  const size = Math.abs(figure)
  return (size === 0 || (size >= 1e-3 && size < 1e15) ? estimated : ofMagnitude).format(figure)
}

/** Wide enough for the balances of most accounts, so that lines written one after the other align. */
const figureWidth = 10

const figure = (value: number): string => credits(value).padStart(figureWidth)

/** The share that is left, or `undefined` if the total is not above zero or the share is too large for a number. */
export const share = (available: number, total: number): number | undefined => {
  const part = total > 0 ? available / total : undefined
  return Number.isFinite(part) ? part : undefined
}

const eighths = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]

/** A bar. Shares below 0 are shown as empty, those from 1 on as full, and a share below 1 never as full. */
export const bar = (part: number, cells = 10): string => {
  const rounded = Math.round(Math.min(1, Math.max(0, part)) * cells * 8)
  const filled = part < 1 ? Math.min(rounded, cells * 8 - 1) : rounded
  return ("█".repeat(Math.floor(filled / 8)) + (eighths[filled % 8] ?? "")).padEnd(cells, "░")
}

/**
 * A percentage. Only exactly all is 100%: a little less is 99%, a little more is 101%. More than four digits are not
 * shown.
 */
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

/**
 * One mark for each figure, scaled from the smallest to the largest. It calculates with halves, because the difference
 * of two figures may be too large for a number.
 */
export const sparkline = (figures: ReadonlyArray<number>): string => {
  const least = Math.min(...figures) / 2
  const range = Math.max(...figures) / 2 - least
  return figures.map((value) => {
    const level = range === 0 ? 3 : Math.round((value / 2 - least) / range * (levels.length - 1))
    return levels[level]
  }).join("")
}

/**
 * Text from outside, made safe for a terminal and put on one line: control, format and separator characters are written
 * as escapes. A long text is cut before the word that no longer fits, because half of a secret would not be recognized
 * as one.
 */
export const printable = (text: string, limit = 200): string => {
  const escaped = text.replaceAll(
    /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu,
    (character) => character === "\n" ? " " : `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`
  )
  return escaped.length > limit ? `${escaped.slice(0, limit - 1).replace(/\S+$/, "")}…` : escaped
}
