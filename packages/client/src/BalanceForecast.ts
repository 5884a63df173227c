/**
 * How fast the credits are spent and how long they last, or why that cannot be said.
 *
 * @since 0.1.0
 */
import type * as DateTime from "effect/DateTime"
import * as Schema from "effect/Schema"
import type { CreditBalance } from "./CreditBalance.ts"

const id = <Tag extends string>(tag: Tag) => `@effect-pollo/client/BalanceForecast/${tag}` as const

/**
 * A reading and its time: what a forecast is made from. An `Observed` event is one.
 *
 * @category models
 * @since 0.1.0
 */
export interface Observation {
  /** When the reading was complete, by the wall clock. */
  readonly at: DateTime.Utc
  /** The balance that was read. */
  readonly balance: CreditBalance
}

/**
 * An estimate from the readings of a window, with its 95% confidence interval.
 *
 * @category models
 * @since 0.1.0
 */
export class Forecast extends Schema.TaggedClass<Forecast>(id("Forecast"))("Forecast", {
  /** The time of the newest reading, which everything here is counted from. */
  at: Schema.DateTimeUtc,
  availableCredits: Schema.Finite,
  /** Credits spent per hour: the estimate, and the bounds of its interval. Never negative. */
  creditsPerHour: Schema.Struct({ estimate: Schema.Finite, low: Schema.Finite, high: Schema.Finite }),
  /**
   * How long the available credits last at these rates: at the estimate, at the high one and at the low one. Infinite
   * at a rate of zero, and zero when there are no credits left.
   */
  timeToEmpty: Schema.Struct({ estimate: Schema.Duration, earliest: Schema.Duration, latest: Schema.Duration }),
  /** The spans between consecutive readings that the estimate rests on. */
  samples: Schema.Number
}) {}

/**
 * There are fewer usable spans between readings in the window (`samples`) than an estimate takes (`needed`).
 *
 * @category models
 * @since 0.1.0
 */
export class InsufficientData extends Schema.TaggedClass<InsufficientData>(id("InsufficientData"))("InsufficientData", {
  samples: Schema.Number,
  needed: Schema.Number
}) {}

/**
 * An estimate or the lack of one, as a schema.
 *
 * @category schemas
 * @since 0.1.0
 */
export const BalanceForecast = Schema.Union([Forecast, InsufficientData])

/**
 * An estimate or the lack of one.
 *
 * @category models
 * @since 0.1.0
 */
export type BalanceForecast = typeof BalanceForecast.Type
