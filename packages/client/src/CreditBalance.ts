/**
 * How many prepaid credits are left.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import type { Figures } from "./internal/errorFields.ts"

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
export class CreditBalance extends Schema.Class<CreditBalance, Figures>("@effect-pollo/client/CreditBalance")({
  availableCredits: Schema.Finite,
  totalCredits: Schema.Finite
}) {}
