/**
 * What is wrong with the configuration of a client.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

/**
 * An option or environment variable that no client can be built from.
 *
 * **Details**
 *
 * `field` names the option or variable and `problem` says what to put there. The offending value is never repeated:
 * it may be a key, or a key pasted into the wrong field.
 *
 * @category errors
 * @since 0.1.0
 */
export class PolloConfigError
  extends Schema.TaggedError<PolloConfigError>("@effect-pollo/client/PolloConfigError")("PolloConfigError", {
    field: Schema.String,
    problem: Schema.String
  })
{
  override get message(): string {
    return `${this.field} ${this.problem}`
  }
}
