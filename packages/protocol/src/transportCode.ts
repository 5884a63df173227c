/** The form of a code of the operating system or a TLS library, or of a tag of Effect. */
const codeForm = /^\w{1,64}$/

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null

const read = (from: object, field: string): unknown => field in from ? Reflect.get(from, field) : undefined

/**
 * The deepest code in a chain of causes, which comes from the operating system or the TLS library. A failure without a
 * code, such as that of an open circuit breaker, has its tag as the code.
 */
export const transportCode = (error: unknown): string | undefined => {
  let code: string | undefined
  let current = error
  for (let depth = 0; depth < 8 && isObject(current); depth++) {
    const own = read(current, "code")
    if (typeof own === "string" && codeForm.test(own)) code = own
    const reason = read(current, "reason")
    const errors = read(current, "errors")
    if (isObject(reason) && !Array.isArray(reason)) current = reason
    else current = Array.isArray(errors) ? errors[0] : read(current, "cause")
  }
  return code
}

/** The tag of a failure that a wrapper of the client added. */
export const tagCode = (error: unknown): string | undefined => {
  const tag = isObject(error) ? read(error, "_tag") : undefined
  return typeof tag === "string" && codeForm.test(tag) ? tag : undefined
}
