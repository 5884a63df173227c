/**
 * How many prepaid credits are left.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

/**
 * A credit balance as the vendor states it.
 *
 * **Details**
 *
 * Both figures are credits, finite, and not always whole: the vendor charges in hundredths. Zero, negative figures and
 * `availableCredits > totalCredits` are valid. The vendor does not document what `totalCredits` counts, so no rule
 * between the two is assumed.
 *
 * @category models
 * @since 0.1.0
 */
export class CreditBalance extends Schema.Class<CreditBalance>("@effect-pollo/client/CreditBalance")({
  /** Credits that can be spent now. */
  availableCredits: Schema.Finite,
  /** The vendor's total; its meaning is undocumented. */
  totalCredits: Schema.Finite
}) {}
