/**
 * A limit on spending stops a job.
 *
 * @since 0.1.0
 */
import * as DateTime from "effect/DateTime"
import * as Schema from "effect/Schema"
import type { Capped } from "./internal/errorFields.ts"

/**
 * A job was not started, since a limit of the budget leaves no room for it in the period that runs.
 *
 * **Details**
 *
 * All figures are credits. `spent + reserved + required` is more than `limit`, or others wait before this job under the
 * same limit and are part of `reserved`. Where several limits stop a job, this is the one whose period ends last.
 *
 * `isTransient` is true unless the job needs more than the limit itself: then no period has room for it.
 *
 * @category errors
 * @since 0.1.0
 */
export class SpendLimitReached
  extends Schema.TaggedError<SpendLimitReached, Capped>("@effect-pollo/client/SpendLimitReached")(
    "SpendLimitReached",
    {
      limit: Schema.Finite,
      label: Schema.optionalKey(Schema.String),
      required: Schema.Finite,
      spent: Schema.Finite,
      reserved: Schema.Finite,
      resetsAt: Schema.DateTimeUtc
    }
  )
{
  override get message(): string {
    const whose = this.label === undefined ? "all spending" : `the label ${JSON.stringify(this.label)}`
    const cure = this.isTransient
      ? `wait for other jobs to end, or for ${DateTime.formatIso(this.resetsAt)}`
      : "raise the limit or ask for less"
    return `the job needs ${this.required} credits, and ${whose} has a limit of ${this.limit}: ` +
      `${this.spent} spent, ${this.reserved} reserved; ${cure}`
  }
  override get isRetryable(): boolean {
    return false
  }
  override get isTransient(): boolean {
    return this.required <= this.limit
  }
}
