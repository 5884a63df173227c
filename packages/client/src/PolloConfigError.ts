/**
 * The error for an invalid option, argument or environment variable.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import type { Mistake } from "./internal/errorFields.ts"

/**
 * An option, an argument or an environment variable is invalid: a mistake of the caller.
 *
 * **Details**
 *
 * `field` names the invalid one, and `problem` says what to put there. The value itself is never repeated: it may be a
 * key, or a key pasted into the wrong field. Layers, streams and calls that take data fail with this error;
 * constructors throw it.
 *
 * @category errors
 * @since 0.1.0
 */
export class PolloConfigError
  extends Schema.TaggedError<PolloConfigError, Mistake>("@effect-pollo/client/PolloConfigError")("PolloConfigError", {
    field: Schema.String,
    problem: Schema.String
  })
{
  override get message(): string {
    return `${this.field} ${this.problem}`
  }
}
