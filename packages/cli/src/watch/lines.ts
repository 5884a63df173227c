/** How a watch reads to people. Pure. */
import type { BalanceEvent, BalanceForecast } from "@effect-pollo/client/BalanceWatch"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import { explain } from "../output/explain.ts"
import { balanceLine, bar, credits, share, sparkline } from "../values/figures.ts"

/** What is known after a reading: its balance, the figures before it (it is the last of them), and the forecast. */
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

/** The line that is written over and over in a terminal: what matters least is last, where a narrow one cuts it. */
export const liveLine = ({ at, available, forecast, recent, total }: Reading): string => {
  const part = share(available, total)
  return [
    `${credits(available)} of ${credits(total)}`,
    ...part === undefined ? [] : [`${bar(part)} ${Math.round(part * 100)}%`],
    sparkline(recent.slice(-12)),
    outlook(forecast),
    DateTime.formatLocal(at, { locale: "en-GB", timeStyle: "medium" })
  ].join("  ")
}

/** A line for what happens less often than a reading, or nothing for a reading. */
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
    return `forecast after ${more === 1 ? "1 more reading" : `${more} more readings`}`
  }
  const { creditsPerHour, timeToEmpty } = forecast
  if (creditsPerHour.estimate === 0) return "nothing spent"
  return `${rate.format(creditsPerHour.estimate)}/h, empty in ${coarse(timeToEmpty.estimate)}`
}

/** An estimate: more digits would claim more than is known. */
const rate = new Intl.NumberFormat("en-US", { maximumSignificantDigits: 3 })

const second = 1000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

/** Two units at most: a time to empty is no better known than that. */
const coarse = (duration: Duration.Duration): string => {
  const millis = Duration.toMillis(duration)
  if (millis < second) return "less than 1s"
  const unit = millis >= day ? hour : millis >= hour ? minute : second
  return Duration.format(Duration.millis(Math.round(millis / unit) * unit))
}

/** To the second, in UTC, so that lines of several machines sort. */
const stamp = (at: DateTime.Utc): string => DateTime.formatIso(DateTime.startOf(at, "second")).replace(".000Z", "Z")
