/**
 * `Retry-After` (RFC 9110, section 10.2.3) by the rules of effect 4.1's `Headers.parseRetryAfter`; a test of the client
 * compares the two. The rules are repeated here because Effect 3 has no such parser.
 */

const months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]

/** IMF-fixdate, and the two obsolete forms that a recipient must still accept (RFC 9110, section 5.6.7). */
const dateForms = [
  /^(?:mon|tue|wed|thu|fri|sat|sun), (?<day>\d{2}) (?<month>[a-z]{3}) (?<year>\d{4}) (?<time>\d{2}:\d{2}:\d{2}) gmt$/i,
  /^(?:mon|tues|wednes|thurs|fri|satur|sun)day, (?<day>\d{2})-(?<month>[a-z]{3})-(?<year>\d{2}) (?<time>\d{2}:\d{2}:\d{2}) gmt$/i,
  /^(?:mon|tue|wed|thu|fri|sat|sun) (?<month>[a-z]{3}) (?<day> \d|\d{2}) (?<time>\d{2}:\d{2}:\d{2}) (?<year>\d{4})$/i
]

/** The time that an HTTP-date states, in milliseconds since 1970. A leap second reads as the second after it. */
export const httpDate = (value: string): number | undefined => {
  const parts = dateForms.map((form) => form.exec(value)?.groups).find((groups) => groups !== undefined)
  if (parts === undefined) return undefined
  const month = months.indexOf((parts.month ?? "").toLowerCase())
  const [hour = 0, minute = 0, second = 0] = (parts.time ?? "").split(":").map(Number)
  if (month === -1 || hour > 23 || minute > 59 || second > 60) return undefined
  const digits = parts.year ?? ""
  const year = Number(digits) + (digits.length === 4 ? 0 : Number(digits) < 70 ? 2000 : 1900)
  const day = Number(parts.day)
  // Unlike `Date.UTC`, `setUTCFullYear` takes years before 100 as they are.
  const date = new Date(0)
  date.setUTCFullYear(year, month, day)
  // `Date` turns a day that the month does not have into a day of the next month.
  if (date.getUTCMonth() !== month || date.getUTCDate() !== day) return undefined
  return date.getTime() + ((hour * 60 + minute) * 60 + second) * 1000
}

/**
 * Milliseconds that a server asks to wait. A date is taken relative to the response's own `Date`, so that the two
 * machines' clocks need not agree; `nowMillis` is for a response without one. A date in the past means now, and a
 * fraction of a second is rounded up. More seconds than a number can count exactly (285 million years) become that
 * many. Any other text is ignored.
 */
export const retryAfterMillis = (
  retryAfter: string | undefined,
  date: string | undefined,
  nowMillis: number
): number | undefined => {
  const value = retryAfter?.trim()
  if (value === undefined) return undefined
  if (/^\d+(?:\.\d+)?$/.test(value)) return Math.min(Math.ceil(Number(value)), Number.MAX_SAFE_INTEGER) * 1000
  const at = httpDate(value)
  if (at === undefined) return undefined
  const now = date === undefined ? undefined : httpDate(date.trim())
  return Math.max(0, at - (now ?? nowMillis))
}
