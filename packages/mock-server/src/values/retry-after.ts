/** How a `Retry-After` is written, the usual two ways first, then those that a client must survive. */
export const retryAfterForms = ["seconds", "date", "none", "zero", "past", "huge", "garbage"] as const

export type RetryAfterForm = typeof retryAfterForms[number]

const hourMillis = 3_600_000

/** A year: as milliseconds it overflows a timer, which then fires at once. */
const hugeSeconds = 31_536_000

const httpDate = (millis: number): string => new Date(millis).toUTCString()

/** The headers that ask for a wait of `waitMillis`, from `now`. Both forms count in whole seconds, so they round up. */
export const retryAfterHeaders = (form: RetryAfterForm, waitMillis: number, now: number): Record<string, string> => {
  switch (form) {
    case "seconds":
      return { "retry-after": String(Math.ceil(waitMillis / 1000)) }
    // A date is read against the server's own, and a key's clock may differ from the system's.
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
