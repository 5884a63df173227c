/**
 * The error of a shared budget whose store cannot be used.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

/**
 * A job was not started, because the store that keeps the budget's books did not decide on it. This error says nothing
 * about the vendor, which may be working.
 *
 * **Details**
 *
 * | `reason` | what happened | `isTransient` |
 * |---|---|---|
 * | `Unavailable` | the store gave no answer in time, or a refusal that passes by itself, such as `LOADING` | yes |
 * | `Recovering` | the books are new or were lost: no job is admitted for the rest of the pause, `retryAfter` | yes |
 * | `Denied` | the store refuses a command that the budget needs, such as by an ACL: somebody has to change that | no |
 *
 * @category errors
 * @since 0.1.0
 */
export class BudgetStoreError
  extends Schema.TaggedError<BudgetStoreError>("@effect-pollo/client/BudgetStoreError")("BudgetStoreError", {
    reason: Schema.Literals(["Unavailable", "Recovering", "Denied"]),
    message: Schema.String,
    /** The first word of the store's own refusal, such as `NOPERM` or `READONLY`; absent when it gave no answer. */
    code: Schema.optionalKey(Schema.String),
    /** How long no job will be admitted, if that is known. */
    retryAfter: Schema.optionalKey(Schema.Duration)
  })
{
  /** Whether asking again may help. */
  get isRetryable(): boolean {
    return this.isTransient
  }
  /** Whether the error can pass without anybody acting. */
  get isTransient(): boolean {
    return this.reason !== "Denied"
  }
}
