/**
 * There are not enough credits for a job.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { Short } from "./internal/errorFields.ts"

/**
 * A job was not started, because `available − reserved − safetyMargin` did not cover what the job may cost.
 *
 * **Details**
 *
 * All figures are credits. `reserved` is what was reserved for others at the time of the decision: for jobs that run,
 * for charges that a reading may not show yet, and for reservations that wait in line before this one.
 *
 * @category errors
 * @since 0.1.0
 */
export class InsufficientCredits
  extends Schema.TaggedError<InsufficientCredits, Short>("@effect-pollo/client/InsufficientCredits")(
    "InsufficientCredits",
    {
      required: Schema.Finite,
      available: Schema.Finite,
      reserved: Schema.Finite,
      safetyMargin: Schema.Finite,
      billingUrl: Schema.String.pipe(
        Schema.withConstructorDefault(Effect.succeed("https://pollo.ai/api-platform/billing"))
      )
    }
  )
{
  override get message(): string {
    const margin = this.safetyMargin === 0 ? "" : `, ${this.safetyMargin} kept as safety margin`
    return `the job needs ${this.required} credits: ${this.available} available, ${this.reserved} reserved${margin}; ` +
      `wait for other jobs to end or buy more at ${this.billingUrl}`
  }
  override get isRetryable(): boolean {
    return false
  }
}
