/** The lines of a watch for people. Pure. */
import type { BalanceEvent, BalanceForecast } from "@effect-pollo/client/BalanceWatch"
import { displayWidth } from "effect/cli/CliOutput"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import { explain } from "../output/explain.ts"
import { balanceLine, bar, credits, percent, rate, share, sparkline } from "../values/figures.ts"

/** What is known after a reading: its balance, the recent figures (its own is the last), and the forecast. */
export interface Reading {
  readonly at: DateTime.Utc
  readonly available: number
  readonly total: number
  readonly recent: ReadonlyArray<number>
  readonly forecast: BalanceForecast
}

/** A line of its own, for a file or a pipe. */
export const plainLine = ({ at, available, forecast, total }: Reading): string =>
  `${stamp(at)} observed     ${balanceLine(available, total)}  ${outlook(forecast)}`

/**
 * The line that is updated in a terminal, as much of it as fits. On a narrow terminal the least important parts are
 * left out first: the sparkline, the bar, the clock, the share, the total, and at last words. The figure, the burn rate
 * and the time to empty stay.
 */
export const liveLine = ({ at, available, forecast, recent, total }: Reading, columns: number): string => {
  const part = share(available, total)
  const parts = {
    figure: credits(available),
    total: ` of ${credits(total)}`,
    bar: part === undefined ? "" : `  ${bar(part)}`,
    share: part === undefined ? "" : ` ${percent(part)}`,
    sparkline: `  ${sparkline(recent.slice(-12))}`,
    outlook: `  ${outlook(forecast)}`,
    clock: `  ${DateTime.formatLocal(at, { locale: "en-GB", timeStyle: "medium" })}`
  }
  const line = () => Object.values(parts).join("")
  for (const name of ["sparkline", "bar", "clock", "share", "total"] as const) {
    if (displayWidth(line()) <= columns) break
    parts[name] = ""
  }
  if (displayWidth(line()) > columns) parts.outlook = `  ${shortOutlook(forecast)}`
  return line()
}

/** A line for an event, or `undefined` for a plain reading. */
export const eventLine = (event: BalanceEvent): string | undefined => {
  const words = wordsOf(event)
  return words === undefined ? undefined : `${stamp(event.at)} ${words[0].padEnd(12)} ${words[1]}`
}

const wordsOf = (event: BalanceEvent): readonly [string, string] | undefined => {
  switch (event._tag) {
    case "Observed":
      return undefined
    case "Low":
      return [
        "low",
        `${credits(event.balance.availableCredits)} credits are left; ${credits(event.lowAt)} or fewer is low`
      ]
    case "Recovered":
      return ["recovered", `${credits(event.balance.availableCredits)} credits are left again`]
    case "ToppedUp":
      return ["topped up", `${credits(event.credits)} credits more, ${credits(event.balance.availableCredits)} now`]
    case "Unreachable":
      return ["unreachable", explain(event.error).what]
    case "Reachable":
      return ["reachable", `after ${coarse(event.outage)}`]
  }
}

const outlook = (forecast: BalanceForecast): string => {
  if (forecast._tag === "InsufficientData") {
    const more = forecast.needed - forecast.samples
    // There are enough readings, but a figure is too large for a forecast.
    if (more <= 0) return "no forecast"
    return `forecast after ${more === 1 ? "1 more reading" : `${more} more readings`}`
  }
  return burning(forecast, "empty in ")
}

const shortOutlook = (forecast: BalanceForecast): string =>
  forecast._tag === "InsufficientData" ? "no forecast" : burning(forecast, "")

const burning = ({ creditsPerHour: { estimate }, timeToEmpty }: BalanceForecast.Forecast, before: string): string =>
  estimate === 0 ? "nothing spent" : `${rate(estimate)}/h, ${before}${coarse(timeToEmpty.estimate)}`

const second = 1000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

/** A duration in at most two units, because a time to empty is not known more exactly. */
const coarse = (duration: Duration.Duration): string => {
  const millis = Duration.toMillis(duration)
  if (millis > 36_500 * day) return "over 100 years"
  if (millis < second) return "less than 1s"
  const unit = millis >= day ? hour : millis >= hour ? minute : second
  return Duration.format(Duration.millis(Math.round(millis / unit) * unit))
}

/** A time to the second, in UTC, so that the lines of several machines can be sorted. */
const stamp = (at: DateTime.Utc): string => DateTime.formatIso(DateTime.startOf(at, "second")).replace(".000Z", "Z")
