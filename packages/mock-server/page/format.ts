const numbers = new Intl.NumberFormat("en", { maximumFractionDigits: 2 })

export const credits = (value: number): string => numbers.format(value).replace("-", "−")

const two = (value: number): string => String(value).padStart(2, "0")

/** Hours, minutes and seconds of the local time. */
export const timeOfDay = (at: number): string => {
  const date = new Date(at)
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(":")
}

export const millisOf = (at: number): string => `.${String(new Date(at).getMilliseconds()).padStart(3, "0")}`

const days = new Intl.DateTimeFormat("en", { day: "numeric", month: "short", year: "numeric" })

/** {@link timeOfDay}, with the day in front unless it is today. */
export const moment = (at: number): string => {
  const day = days.format(at)
  return day === days.format(Date.now()) ? timeOfDay(at) : `${day}, ${timeOfDay(at)}`
}

const units: ReadonlyArray<readonly [millis: number, name: string]> = [
  [86_400_000, "d"],
  [3_600_000, "h"],
  [60_000, "min"],
  [1000, "s"]
]

/** A duration in its two largest units. */
export const duration = (millis: number): string => {
  if (millis < 1000) return `${Math.round(millis)} ms`
  if (millis < 60_000) return `${numbers.format(Math.floor(millis / 10) / 100)} s`
  const at = units.findIndex(([unit]) => millis >= unit)
  const [unit, name] = units[at] ?? [1000, "s"]
  const [smaller, smallerName] = units[at + 1] ?? [1000, "s"]
  const rest = Math.floor((millis % unit) / smaller)
  return `${Math.floor(millis / unit)} ${name}${rest > 0 ? ` ${rest} ${smallerName}` : ""}`
}

/** A duration in whole seconds, at least one. */
export const roughly = (millis: number): string => duration(Math.max(1000, Math.round(millis / 1000) * 1000))

export const plural = (count: number, one: string): string => `${numbers.format(count)} ${one}${count === 1 ? "" : "s"}`
