/** The two response headers that matter to a caller. */
import * as Duration from "effect/Duration"
import type * as Headers from "effect/http/Headers"

/** IMF-fixdate, and the two obsolete forms that a recipient must still accept (RFC 9110, section 5.6.7). */
const dateForms = [
  /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/,
  /^[A-Z][a-z]{5,8}, \d{2}-[A-Z][a-z]{2}-\d{2} \d{2}:\d{2}:\d{2} GMT$/,
  /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/
]

/**
 * `Retry-After` in both its forms, seconds or an HTTP-date (RFC 9110, section 10.2.3). A date in the past means now;
 * anything else is no statement at all.
 */
export const retryAfter = (headers: Headers.Headers, nowMillis: number): Duration.Duration | undefined => {
  const value = headers["retry-after"]?.trim()
  if (value === undefined) return undefined
  if (/^\d+(\.\d+)?$/.test(value)) return Duration.seconds(Number(value))
  if (!dateForms.some((form) => form.test(value))) return undefined
  // The asctime form has no zone, and `Date.parse` would take it as local time.
  const at = Date.parse(value.endsWith("GMT") ? value : `${value} GMT`)
  return Number.isNaN(at) ? undefined : Duration.millis(Math.max(0, at - nowMillis))
}

export const requestId = (headers: Headers.Headers): string | undefined => headers["x-request-id"]
