/** Durations as people write them in a shell. */

const units: ReadonlyArray<readonly [name: RegExp, millis: number]> = [
  [/^(w|weeks?)$/, 604_800_000],
  [/^(d|days?)$/, 86_400_000],
  [/^(h|hours?)$/, 3_600_000],
  [/^(m|minutes?)$/, 60_000],
  [/^(s|seconds?)$/, 1000],
  [/^(ms|millis|milliseconds?)$/, 1]
]

const figures = /^(?:\d+(?:\.\d+)?\s*[a-z]+\s*)+$/
const iso = /^P(?:\d+W)?(?:\d+D)?(?:T(?=\d)(?:\d+H)?(?:\d+M)?(?:\d+(?:\.\d+)?S)?)?$/i

/**
 * Milliseconds of `30s`, `1h30m`, `500ms` or `30 seconds`, each unit once and the largest first, or of ISO 8601,
 * `PT90S`. `undefined` for any other text.
 */
export const millisOf = (text: string): number | undefined => {
  const trimmed = text.trim()
  // Months and years have no fixed length, so an `M` is a minute or nothing.
  const isIso = iso.test(trimmed) && /\d/.test(trimmed)
  if (!isIso && !figures.test(trimmed)) return undefined
  let millis = 0
  let above = -1
  for (
    const [, figure = "", unit = ""] of trimmed.toLowerCase().matchAll(/(\d+(?:\.\d+)?)\s*([a-z]+?)(?=[\d\s]|t\d|$)/g)
  ) {
    const at = units.findIndex(([name]) => name.test(unit))
    const [, size = 0] = units[at] ?? []
    if (at <= above) return undefined
    above = at
    millis += Number(figure) * size
  }
  // `1.005s` would be a little less than 1005.
  return Math.round(millis * 1000) / 1000
}
