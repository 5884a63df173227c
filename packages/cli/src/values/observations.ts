/** The readings that a forecast is made from. */
import { type BalanceForecast, BalanceWatch } from "@effect-pollo/client/BalanceWatch"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"

/** A forecast looks back this far; nothing older is kept. */
const window = Duration.hours(1)

const isRecent = (newest: BalanceWatch.Observation) => ({ at }: BalanceWatch.Observation): boolean =>
  Duration.isLessThanOrEqualTo(DateTime.distance(at, newest.at), window)

/** Adds a new observation, and drops those that are too old to count. */
export const withNewest = <A extends BalanceWatch.Observation>(
  seen: ReadonlyArray<BalanceWatch.Observation>,
  newest: A
): ReadonlyArray<BalanceWatch.Observation> => [...seen.filter(isRecent(newest)), newest]

export const forecastOf = (observations: ReadonlyArray<BalanceWatch.Observation>): BalanceForecast =>
  BalanceWatch.forecast(observations, { window })
