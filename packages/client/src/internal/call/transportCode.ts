import * as Predicate from "effect/Predicate"

/** The form of a code, as the operating system, a TLS library or a tag of Effect has it. */
const codeForm = /^\w{1,64}$/

const read = (from: object, field: string): unknown => Predicate.hasProperty(from, field) ? from[field] : undefined

/**
 * The deepest code in a chain of causes: what the operating system or the TLS library called it. A failure that has
 * none, such as an open circuit breaker's, is known by its tag.
 */
export const transportCode = (error: unknown): string | undefined => {
  let code: string | undefined
  let current = error
  for (let depth = 0; depth < 8 && Predicate.isObjectOrArray(current); depth++) {
    const own = read(current, "code")
    if (Predicate.isString(own) && codeForm.test(own)) code = own
    const reason = read(current, "reason")
    const errors = read(current, "errors")
    if (Predicate.isObject(reason)) current = reason
    else current = Array.isArray(errors) ? errors[0] : read(current, "cause")
  }
  return code
}

/** The tag of a failure that a wrapper of the client added. */
export const tagCode = (error: unknown): string | undefined =>
  Predicate.hasProperty(error, "_tag") && Predicate.isString(error._tag) && codeForm.test(error._tag)
    ? error._tag
    : undefined
