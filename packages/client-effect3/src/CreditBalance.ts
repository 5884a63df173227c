import * as Schema from "effect/Schema"

/**
 * How many prepaid credits are left, as the vendor states it. Both figures are finite and not always whole; they can be
 * zero or negative. What `totalCredits` counts is undocumented.
 *
 * @since 0.1.0
 */
export class CreditBalance extends Schema.Class<CreditBalance>("@effect-pollo/client-effect3/CreditBalance")({
  availableCredits: Schema.Finite,
  totalCredits: Schema.Finite
}) {}
