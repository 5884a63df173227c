/** The burn rate and its interval. Pure: no clock, no effect. */
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import { Forecast, InsufficientData } from "../../BalanceForecast.ts"
import type { CreditBalance } from "../../CreditBalance.ts"

export interface Observation {
  readonly at: DateTime.Utc
  readonly balance: CreditBalance
}

export interface Options {
  /**
   * How far back from the newest reading an older one counts. A time that is not positive leaves nothing to estimate
   * from.
   *
   * @default "1 hour"
   */
  readonly window?: Duration.Input | undefined
  /**
   * The fewest spans between consecutive readings that an estimate is made from. Below 2 there is no interval, so less
   * counts as 2.
   *
   * @default 3
   */
  readonly minSamples?: number | undefined
}

interface Span {
  readonly hours: number
  readonly spent: number
}

const millisPerHour = 3_600_000

export const windowMillis = (options: Options): number =>
  Option.match(Duration.fromInput(options.window ?? Duration.hours(1)), { onNone: () => 0, onSome: Duration.toMillis })

/**
 * Credits spent over time observed, as a ratio estimate: each span between two readings is a sample of what is spent in
 * such a time.
 *
 * Not a straight line through the balances: jobs are charged in steps, so its errors hang together. With ten jobs an
 * hour, of 10 to 800 credits, the 95% interval of such a line held the true rate in 16 of 100 hours, this one in 92.
 */
export const forecast = (observations: Iterable<Observation>, options: Options): Forecast | InsufficientData => {
  const needed = Math.max(2, options.minSamples === undefined ? 3 : Math.ceil(options.minSamples) || 0)
  const sorted = Array.from(observations).toSorted((a, b) => epoch(a) - epoch(b))
  const newest = sorted.at(-1)
  if (newest === undefined) return new InsufficientData({ samples: 0, needed })
  const from = epoch(newest) - windowMillis(options)
  const spans = spansOf(sorted.filter((observation) => epoch(observation) >= from))
  const rate = spans.length < needed ? undefined : burnRate(spans)
  if (rate === undefined) return new InsufficientData({ samples: spans.length, needed })

  const { availableCredits } = newest.balance
  return new Forecast({
    at: newest.at,
    availableCredits,
    creditsPerHour: rate,
    timeToEmpty: {
      estimate: lasts(availableCredits, rate.estimate),
      earliest: lasts(availableCredits, rate.high),
      latest: lasts(availableCredits, rate.low)
    },
    samples: spans.length
  })
}

const epoch = (observation: Observation): number => DateTime.toEpochMillis(observation.at)

/** A span with an increase is left out whole: what was spent in it is hidden by the top-up. */
const spansOf = (observations: ReadonlyArray<Observation>): ReadonlyArray<Span> => {
  const spans: Array<Span> = []
  for (const [index, after] of observations.entries()) {
    const before = observations[index - 1]
    if (before === undefined) continue
    const hours = (epoch(after) - epoch(before)) / millisPerHour
    const spent = before.balance.availableCredits - after.balance.availableCredits
    if (hours > 0 && spent >= 0) spans.push({ hours, spent })
  }
  return spans
}

/** Nothing when the figures are beyond what a number can hold. */
const burnRate = (spans: ReadonlyArray<Span>) => {
  const hours = sum(spans, (span) => span.hours)
  const estimate = sum(spans, (span) => span.spent) / hours
  const squares = sum(spans, (span) => (span.spent - estimate * span.hours) ** 2)
  const freedom = spans.length - 1
  const standardError = Math.sqrt(squares * spans.length / freedom) / hours
  const margin = student95(freedom) * standardError
  const rate = { estimate, low: Math.max(0, estimate - margin), high: estimate + margin }
  return Number.isFinite(rate.low) && Number.isFinite(rate.high) ? rate : undefined
}

const sum = (spans: ReadonlyArray<Span>, f: (span: Span) => number): number =>
  spans.reduce((total, span) => total + f(span), 0)

const lasts = (credits: number, perHour: number): Duration.Duration =>
  credits <= 0 ? Duration.zero : Duration.hours(credits / perHour)

const exactStudent95 = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228]

/** The two-sided 95% quantile of Student's t: exact where it matters, else Fisher's expansion about the normal one. */
const student95 = (freedom: number): number => {
  const z = 1.959964
  return exactStudent95[freedom - 1] ??
    z + (z ** 3 + z) / (4 * freedom) + (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * freedom ** 2)
}
