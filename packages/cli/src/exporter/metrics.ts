/**
 * What the exporter serves, by name. Names and units follow Prometheus's guidelines: base units, a timestamp instead of
 * an age, and the bounds of an interval as separate metrics, because a sum over them would mean nothing.
 */
import type { BalanceForecast } from "@effect-pollo/client/BalanceWatch"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import * as PrometheusMetrics from "effect/observability/PrometheusMetrics"
import { version } from "../values/version.ts"
import type { Known } from "./account.ts"

interface Gauge {
  /** The help text that Prometheus shows. */
  readonly help: string
  /** The figure, or `undefined` while it is not known: then the line is left out. */
  readonly of: (known: Known) => number | undefined
}

const forecast = (of: (forecast: BalanceForecast.Forecast) => number): Gauge["of"] => ({ forecast }) =>
  forecast?._tag === "Forecast" ? of(forecast) : undefined

const secondsPerHour = 3600

/** For each account, in the order in which they are served. */
export const gauges: Readonly<Record<string, Gauge>> = {
  pollo_credits_available: {
    help: "Credits that can be spent, in the newest reading",
    of: ({ reading }) => reading?.balance.availableCredits
  },
  pollo_credits_total: {
    help: "The vendor's total in the newest reading; its meaning is undocumented",
    of: ({ reading }) => reading?.balance.totalCredits
  },
  pollo_credits_observed_timestamp_seconds: {
    help: "When the newest reading was made, in seconds since 1970",
    of: ({ reading }) => reading === undefined ? undefined : DateTime.toEpochMillis(reading.at) / 1000
  },
  pollo_credits_stale: {
    help: "1 while no reading within the time to live can be had, else 0",
    of: ({ stale }) => Number(stale)
  },
  pollo_credits_burn_credits_per_second: {
    help: "Credits spent per second in the hour before the newest reading: the estimate",
    of: forecast(({ creditsPerHour }) => creditsPerHour.estimate / secondsPerHour)
  },
  pollo_credits_burn_low_credits_per_second: {
    help: "The lower bound of the 95% interval of the burn rate",
    of: forecast(({ creditsPerHour }) => creditsPerHour.low / secondsPerHour)
  },
  pollo_credits_burn_high_credits_per_second: {
    help: "The upper bound of the 95% interval of the burn rate",
    of: forecast(({ creditsPerHour }) => creditsPerHour.high / secondsPerHour)
  },
  pollo_credits_empty_in_seconds: {
    help: "How long the credits of the newest reading last from then on at the estimated burn rate",
    of: forecast(({ timeToEmpty }) => Duration.toSeconds(timeToEmpty.estimate))
  },
  pollo_credits_empty_in_earliest_seconds: {
    help: "How long they last at the upper bound of the burn rate",
    of: forecast(({ timeToEmpty }) => Duration.toSeconds(timeToEmpty.earliest))
  },
  pollo_credits_empty_in_latest_seconds: {
    help: "How long they last at the lower bound of the burn rate",
    of: forecast(({ timeToEmpty }) => Duration.toSeconds(timeToEmpty.latest))
  }
}

export const counters = {
  pollo_client_outcomes_total: "Finished calls to the vendor, by outcome: Success or the tag of the error"
} as const

export const infos = { pollo_exporter_build_info: "1, with the version of the exporter as a label" } as const

/** The metrics in Prometheus's text format. */
export const expose = (accounts: ReadonlyArray<Known>): Effect.Effect<string> =>
  Effect.gen(function*() {
    for (const [name, description] of Object.entries(infos)) {
      yield* Metric.update(Metric.gauge(name, { description, attributes: { version } }), 1)
    }
    for (const known of accounts) {
      const { account, outcomes } = known
      for (const [name, { help, of }] of Object.entries(gauges)) {
        const figure = of(known)
        if (figure === undefined) continue
        yield* Metric.update(Metric.gauge(name, { description: help, attributes: { account } }), figure)
      }
      for (const [name, description] of Object.entries(counters)) {
        for (const [outcome, count] of Object.entries(outcomes)) {
          yield* Metric.update(Metric.counter(name, { description, attributes: { account, outcome } }), count)
        }
      }
    }
    return withoutType(yield* PrometheusMetrics.format())
  }).pipe(
    // The registry is new for each scrape, so a figure that is no longer known disappears.
    Effect.provideServiceEffect(Metric.MetricRegistry, Effect.sync(() => new Map()))
  )

/**
 * A name that ends in `_total` belongs to a counter, but this figure may fall. What the vendor counts there is not
 * known, so the metric is served without a type.
 */
const withoutType = (text: string): string =>
  text.replace(/^# TYPE pollo_credits_total gauge$/m, "# TYPE pollo_credits_total untyped")
