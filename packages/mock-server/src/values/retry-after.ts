/** How a `Retry-After` is written, the usual two ways first, then those that a client must survive. */
export const retryAfterForms = ["seconds", "date", "none", "zero", "past", "huge", "garbage"] as const

export type RetryAfterForm = typeof retryAfterForms[number]

const hourMillis = 3_600_000

/** A year: as milliseconds it overflows a timer, which then fires at once. */
const hugeSeconds = 31_536_000

/** The last second that has a date in HTTP, whose years have four digits. */
const lastDate = Date.UTC(9999, 11, 31, 23, 59, 59)

const httpDate = (millis: number): string => new Date(Math.min(millis, lastDate)).toUTCString()

/** Written in digits alone: a larger number would have an exponent, which no client reads. */
const wholeSeconds = (millis: number): string => String(Math.min(Math.ceil(millis / 1000), Number.MAX_SAFE_INTEGER))

/** The headers that ask for a wait of `waitMillis`, from `now`. Both forms count in whole seconds, so they round up. */
export const retryAfterHeaders = (form: RetryAfterForm, waitMillis: number, now: number): Record<string, string> => {
  switch (form) {
    case "seconds":
      return { "retry-after": wholeSeconds(waitMillis) }
    // Clients compare the date with the `Date` header, which must come from the key's clock and not from the system's.
    case "date":
      return { "retry-after": httpDate(Math.ceil((now + waitMillis) / 1000) * 1000), date: httpDate(now) }
    case "past":
      return { "retry-after": httpDate(now - hourMillis), date: httpDate(now) }
    case "none":
      return {}
    case "zero":
      return { "retry-after": "0" }
    case "huge":
      return { "retry-after": String(hugeSeconds) }
    case "garbage":
      return { "retry-after": "soon" }
  }
}

/** The moment before which a client must not ask again, if `value` says one. `now` is when it was sent. */
export const retryNotBefore = (value: string, now: number): number | undefined => {
  if (/^\d+$/.test(value)) return now + Number(value) * 1000
  if (!/^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(value)) return undefined
  const date = Date.parse(value)
  return Number.isNaN(date) ? undefined : date
}
