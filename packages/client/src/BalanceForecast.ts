/**
 * How fast the credits are spent and how long they last, or why there is no estimate.
 *
 * @since 0.1.0
 */
import type * as DateTime from "effect/DateTime"
import type * as Duration from "effect/Duration"
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
 * The comments that an editor shows for the fields: a class takes its fields from a mapped type, which drops theirs.
 */
interface Estimate {
  /** The time of the newest reading, which everything here is counted from. */
  readonly at: DateTime.Utc
  readonly availableCredits: number
  /** Credits spent per hour: the estimate, and the bounds of its interval. Never negative. */
  readonly creditsPerHour: { readonly estimate: number; readonly low: number; readonly high: number }
  /**
   * How long the available credits last: `estimate` at the estimated rate, `earliest` at the high rate, `latest` at the
   * low rate. Infinite at a rate of zero, and zero when there are no credits left.
   */
  readonly timeToEmpty: {
    readonly estimate: Duration.Duration
    readonly earliest: Duration.Duration
    readonly latest: Duration.Duration
  }
  /** How many spans between consecutive readings the estimate is made from. */
  readonly samples: number
}

interface TooFew {
  /** How many usable spans between readings the window has. */
  readonly samples: number
  /** How many spans an estimate needs. */
  readonly needed: number
}

/**
 * An estimate from the readings of a window, with its 95% confidence interval.
 */
export class Forecast extends Schema.TaggedClass<Forecast, Estimate>(id("Forecast"))("Forecast", {
  at: Schema.DateTimeUtc,
  availableCredits: Schema.Finite,
  creditsPerHour: Schema.Struct({ estimate: Schema.Finite, low: Schema.Finite, high: Schema.Finite }),
  timeToEmpty: Schema.Struct({ estimate: Schema.Duration, earliest: Schema.Duration, latest: Schema.Duration }),
  samples: Schema.Number
}) {}

/** There are fewer usable spans between readings in the window (`samples`) than an estimate needs (`needed`). */
export class InsufficientData extends Schema.TaggedClass<InsufficientData, TooFew>(id("InsufficientData"))(
  "InsufficientData",
  { samples: Schema.Number, needed: Schema.Number }
) {}

/**
 * An estimate or the lack of one, as a schema.
 *
 * **Details**
 *
 * `BalanceForecast.match` handles both kinds. `BalanceForecast.cases` has the class of each kind, such as
 * `cases.Forecast`.
 *
 * @category schemas
 * @since 0.1.0
 */
export const BalanceForecast = Schema.Union([Forecast, InsufficientData]).pipe(Schema.toTaggedUnion("_tag"))

/**
 * An estimate or the lack of one.
 *
 * @category models
 * @since 0.1.0
 */
export type BalanceForecast = typeof BalanceForecast.Type

/**
 * @since 0.1.0
 */
export declare namespace BalanceForecast {
  /**
   * An estimate from the readings of a window, with its 95% confidence interval.
   *
   * @category models
   * @since 0.1.0
   */
  export type Forecast = InstanceType<typeof BalanceForecast.cases.Forecast>

  /**
   * There are too few usable spans between readings for an estimate.
   *
   * @category models
   * @since 0.1.0
   */
  export type InsufficientData = InstanceType<typeof BalanceForecast.cases.InsufficientData>
}
