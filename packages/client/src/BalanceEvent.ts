/**
 * The events of a watched balance, as tagged classes that encode and decode.
 *
 * @since 0.1.0
 */
import type * as DateTime from "effect/DateTime"
import type * as Duration from "effect/Duration"
import * as Schema from "effect/Schema"
import { CreditBalance } from "./CreditBalance.ts"
import { PolloError } from "./PolloError.ts"

const id = <Tag extends string>(tag: Tag) => `@effect-pollo/client/BalanceEvent/${tag}` as const

const reading = { at: Schema.DateTimeUtc, balance: CreditBalance }

/**
 * The comments that an editor shows for the fields: a class takes its fields from a mapped type, which drops theirs.
 */
interface Read {
  /** When the reading was complete, by the wall clock. */
  readonly at: DateTime.Utc
  /** The balance that was read. */
  readonly balance: CreditBalance
}

interface Crossed extends Read {
  /** The mark of the watch. */
  readonly lowAt: number
}

interface Regained extends Read {
  /** The mark of the watch. */
  readonly recoverAt: number
}

interface Grown extends Read {
  /** By how much the available credits have grown. */
  readonly credits: number
}

interface Lost {
  /** When the reading failed, by the wall clock. */
  readonly at: DateTime.Utc
  /** The error that began the outage. */
  readonly error: PolloError
}

interface Found {
  /** When the reading was complete, by the wall clock. */
  readonly at: DateTime.Utc
  /** The time since the `Unreachable` event before it. */
  readonly outage: Duration.Duration
}

/**
 * A reading of the balance. There is one for each poll that succeeds.
 */
export class Observed extends Schema.TaggedClass<Observed, Read>(id("Observed"))("Observed", reading) {}

/** The available credits have fallen to `lowAt` or below it, or are there at the first reading. */
export class Low extends Schema.TaggedClass<Low, Crossed>(id("Low"))("Low", { ...reading, lowAt: Schema.Finite }) {}

/**
 * After a `Low` the available credits are above `lowAt` again, and at `recoverAt` or above it.
 */
export class Recovered extends Schema.TaggedClass<Recovered, Regained>(id("Recovered"))("Recovered", {
  ...reading,
  recoverAt: Schema.Finite
}) {}

/**
 * The available credits have grown by `credits` since the previous reading, through a purchase or a refund; the server
 * does not say which. Credits that were spent in the same time make `credits` smaller than the purchase.
 */
export class ToppedUp extends Schema.TaggedClass<ToppedUp, Grown>(id("ToppedUp"))("ToppedUp", {
  ...reading,
  credits: Schema.Finite
}) {}

/**
 * The balance cannot be read at the moment. There is one for each outage, with the error that began it.
 */
export class Unreachable extends Schema.TaggedClass<Unreachable, Lost>(id("Unreachable"))("Unreachable", {
  at: Schema.DateTimeUtc,
  error: PolloError
}) {}

/** The balance can be read again. `outage` is the time since the `Unreachable` event before it. */
export class Reachable extends Schema.TaggedClass<Reachable, Found>(id("Reachable"))("Reachable", {
  at: Schema.DateTimeUtc,
  outage: Schema.Duration
}) {}

/**
 * The union of everything that a watch emits, as a schema. `Schema.toCodecJson` turns it into one for JSON.
 *
 * **Details**
 *
 * `BalanceEvent.match` handles each kind of event. `BalanceEvent.cases` has the class of each kind, such as
 * `cases.Low`.
 *
 * @category schemas
 * @since 0.1.0
 */
export const BalanceEvent = Schema.Union([Observed, Low, Recovered, ToppedUp, Unreachable, Reachable]).pipe(
  Schema.toTaggedUnion("_tag")
)

/**
 * The union of everything that a watch emits.
 *
 * @category models
 * @since 0.1.0
 */
export type BalanceEvent = typeof BalanceEvent.Type

/**
 * @since 0.1.0
 */
export declare namespace BalanceEvent {
  /**
   * A reading of the balance.
   *
   * @category models
   * @since 0.1.0
   */
  export type Observed = InstanceType<typeof BalanceEvent.cases.Observed>

  /**
   * The available credits have come down to `lowAt` or below it.
   *
   * @category models
   * @since 0.1.0
   */
  export type Low = InstanceType<typeof BalanceEvent.cases.Low>

  /**
   * The available credits are at `recoverAt` or above it again.
   *
   * @category models
   * @since 0.1.0
   */
  export type Recovered = InstanceType<typeof BalanceEvent.cases.Recovered>

  /**
   * The available credits have grown: a purchase or a refund.
   *
   * @category models
   * @since 0.1.0
   */
  export type ToppedUp = InstanceType<typeof BalanceEvent.cases.ToppedUp>

  /**
   * The balance cannot be read at the moment.
   *
   * @category models
   * @since 0.1.0
   */
  export type Unreachable = InstanceType<typeof BalanceEvent.cases.Unreachable>

  /**
   * The balance can be read again.
   *
   * @category models
   * @since 0.1.0
   */
  export type Reachable = InstanceType<typeof BalanceEvent.cases.Reachable>
}
