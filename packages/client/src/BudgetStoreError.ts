/**
 * The store that keeps the books of a shared budget cannot be asked.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

/**
 * No job was started, since the store that keeps the budget's books did not decide on it. The vendor is not involved:
 * nothing of this says that it is down.
 *
 * **Details**
 *
 * | `reason` | what happened | `isTransient` |
 * |---|---|---|
 * | `Unavailable` | the store gave no answer in time, or one that passes by itself, such as `LOADING` | yes |
 * | `Recovering` | the books are new or were lost: nobody is admitted for `retryAfter`, the time that is left | yes |
 * | `Denied` | the store refuses a command that the budget needs, say for an ACL: somebody has to change that | no |
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
    /** How long nobody is admitted, as far as is known. */
    retryAfter: Schema.optionalKey(Schema.Duration)
  })
{
  /** Asking again may help. */
  get isRetryable(): boolean {
    return this.isTransient
  }
  /** It can pass without anybody acting. */
  get isTransient(): boolean {
    return this.reason !== "Denied"
  }
}
