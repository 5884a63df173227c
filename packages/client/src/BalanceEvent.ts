/**
 * What can happen to a balance that is watched, as tagged classes that encode and decode.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { CreditBalance } from "./CreditBalance.ts"
import { PolloError } from "./PolloError.ts"

const id = <Tag extends string>(tag: Tag) => `@effect-pollo/client/BalanceEvent/${tag}` as const

const reading = {
  /** When the reading was complete, by the wall clock. */
  at: Schema.DateTimeUtc,
  balance: CreditBalance
}

/**
 * A reading of the balance. There is one for each poll that succeeds.
 *
 * @category models
 * @since 0.1.0
 */
export class Observed extends Schema.TaggedClass<Observed>(id("Observed"))("Observed", reading) {}

/**
 * The available credits have come down to `lowAt` or below it, or were there at the first reading.
 *
 * @category models
 * @since 0.1.0
 */
export class Low extends Schema.TaggedClass<Low>(id("Low"))("Low", { ...reading, lowAt: Schema.Finite }) {}

/**
 * After a `Low` the available credits are above `lowAt` again, and at `recoverAt` or above it.
 *
 * @category models
 * @since 0.1.0
 */
export class Recovered extends Schema.TaggedClass<Recovered>(id("Recovered"))("Recovered", {
  ...reading,
  recoverAt: Schema.Finite
}) {}

/**
 * The available credits have grown by `credits` since the reading before: a purchase or a refund, the server does not
 * say which. What was spent in the same time is not in the figure.
 *
 * @category models
 * @since 0.1.0
 */
export class ToppedUp extends Schema.TaggedClass<ToppedUp>(id("ToppedUp"))("ToppedUp", {
  ...reading,
  credits: Schema.Finite
}) {}

/**
 * The balance cannot be read at the moment. There is one for each outage, with the error that began it.
 *
 * @category models
 * @since 0.1.0
 */
export class Unreachable extends Schema.TaggedClass<Unreachable>(id("Unreachable"))("Unreachable", {
  at: Schema.DateTimeUtc,
  error: PolloError
}) {}

/**
 * The balance can be read again. `outage` is the time since the `Unreachable` before.
 *
 * @category models
 * @since 0.1.0
 */
export class Reachable extends Schema.TaggedClass<Reachable>(id("Reachable"))("Reachable", {
  at: Schema.DateTimeUtc,
  outage: Schema.Duration
}) {}

/**
 * The union of everything that a watch emits, as a schema. `Schema.toCodecJson` turns it into one for JSON.
 *
 * @category schemas
 * @since 0.1.0
 */
export const BalanceEvent = Schema.Union([Observed, Low, Recovered, ToppedUp, Unreachable, Reachable])

/**
 * The union of everything that a watch emits.
 *
 * @category models
 * @since 0.1.0
 */
export type BalanceEvent = typeof BalanceEvent.Type
