import * as Schema from "effect/Schema"

/**
 * An option or an environment variable is invalid: a mistake of the caller. `field` names it and `problem` says what to
 * put there. The value is never repeated, because it may be a key. Layers fail with this error; `RequestPolicy.make`
 * and `override` throw it.
 *
 * @since 0.1.0
 */
export class PolloConfigError
  extends Schema.TaggedError<PolloConfigError>("@effect-pollo/client-effect3/PolloConfigError")("PolloConfigError", {
    field: Schema.String,
    problem: Schema.String
  })
{
  override get message(): string {
    return `${this.field} ${this.problem}`
  }
}
