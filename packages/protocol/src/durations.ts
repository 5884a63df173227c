/** Durations as people write them in a shell. Each version of Effect has another form of its own. */

const units: ReadonlyMap<string, number> = new Map([
  ["w", 604_800_000],
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1000],
  ["ms", 1]
])

const short = /^(?:\d+(?:\.\d+)?\s*(?:ms|[wdhms])\s*)+$/
/**
 * Months and years have no fixed length, so an `M` is a minute or nothing. Only the last figure may have a fraction.
 */
const iso =
  /^P(?=[\dT])(?!.*[.,]\d+[HM]\d)(?:\d+W)?(?:\d+D)?(?:T(?=\d)(?:\d+(?:[.,]\d+)?H)?(?:\d+(?:[.,]\d+)?M)?(?:\d+(?:[.,]\d+)?S)?)?$/i
const part = /(\d+(?:[.,]\d+)?)\s*(ms|[wdhms])/gi

/**
 * Milliseconds of `30s`, `1h30m`, `1h 30m`, `500ms`, each unit once and the largest first, or of ISO 8601, `PT1M30S`.
 * `undefined` for any other text.
 */
export const durationMillis = (text: string): number | undefined => {
  const trimmed = text.trim()
  if (!short.test(trimmed) && !iso.test(trimmed)) return undefined
  let millis = 0
  let above = Number.POSITIVE_INFINITY
  for (const [, figure = "", unit = ""] of trimmed.matchAll(part)) {
    const size = units.get(unit.toLowerCase()) ?? above
    if (size >= above) return undefined
    millis += Number(figure.replace(",", ".")) * size
    above = size
  }
  return millis
}
