/**
 * Checks what callers pass, whatever its declared type. A mistake is thrown, and its message never repeats the value.
 */
import { keyProblem, readBaseUrl, unknownField } from "@effect-pollo/protocol"
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { PolloConfigError } from "../PolloConfigError.ts"

export type Check<A> = (field: string, input: unknown) => A

export const refuse = (field: string, problem: string): never => {
  throw new PolloConfigError({ field, problem })
}

const number = (holds: (value: number) => boolean, problem: string): Check<number> => (field, input) =>
  typeof input === "number" && holds(input) ? input : refuse(field, problem)

export const wholeNumber = (least: number): Check<number> =>
  number((value) => Number.isSafeInteger(value) && value >= least, `must be a whole number, ${least} or more`)

export const atLeast = (least: number): Check<number> =>
  number((value) => Number.isFinite(value) && value >= least, `must be a finite number, ${least} or more`)

export const flag: Check<boolean> = (field, input) =>
  typeof input === "boolean" ? input : refuse(field, "must be true or false")

/** Effect 3 reads a negative duration, and NaN, as zero. */
const isBelowZero = (input: unknown): boolean =>
  Array.isArray(input)
    ? input.some(isBelowZero)
    : typeof input === "string"
    ? input.startsWith("-")
    : Number.isNaN(input) || (typeof input === "number" || typeof input === "bigint") && input < 0

export const duration: Check<Duration.Duration> = (field, input) => {
  if (isBelowZero(input)) return refuse(field, "must be a duration, and not negative")
  return input === "Infinity" ? Duration.infinity : Option.getOrElse(
    Duration.decodeUnknown(input),
    () => refuse(field, "must be a duration, such as \"5 seconds\"")
  )
}

export const positiveDuration: Check<Duration.Duration> = (field, input) => {
  const decoded = duration(field, input)
  return Duration.toMillis(decoded) > 0 ? decoded : refuse(field, "must be longer than zero")
}

/** A check that also refuses a proxy that throws when it is looked at. */
const safely = <A>(check: Check<A>): Check<A> => (field, input) => {
  try {
    return check(field, input)
  } catch (error) {
    if (error instanceof PolloConfigError) throw error
    return refuse(field, "could not be read")
  }
}

type Fields = Readonly<Record<string, Check<unknown>>>
type Checked<F extends Fields> = { readonly [K in keyof F]?: ReturnType<F[K]> }

/**
 * Reads each field once; a field that is `undefined` counts as absent. With `closed`, an unknown field is a mistake
 * too.
 */
export const fields =
  <const F extends Fields>(known: F, { closed = false, prefix = true } = {}): Check<Checked<F>> => (field, input) => {
    if (typeof input !== "object" || input === null || Array.isArray(input)) {
      return refuse(field, "must be an object that holds options")
    }
    const checked: Record<string, unknown> = {}
    for (const [name, check] of Object.entries(known)) {
      const value = readField(field, input, name)
      if (value !== undefined) checked[name] = safely(check)(prefix ? `${field}.${name}` : name, value)
    }
    const unknown = closed ? unknownField(Object.keys(input), Object.keys(known)) : undefined
    if (unknown !== undefined) {
      return refuse(unknown.name === undefined ? field : `${field}.${unknown.name}`, unknown.problem)
    }
    // The compiler cannot see that each value passed the check of its own field.
    return checked as Checked<F>
  }

const readField = (field: string, input: object, name: string): unknown => {
  try {
    return Reflect.get(input, name)
  } catch {
    return refuse(`${field}.${name}`, "could not be read")
  }
}

export const apiKey: Check<string> = (field, input) => {
  const key = unwrapped(input)
  if (typeof key !== "string") return refuse(field, "must be a Redacted string; wrap the key with Redacted.make")
  const problem = keyProblem(key)
  return problem === undefined ? key : refuse(field, problem)
}

const unwrapped = (input: unknown): unknown => {
  try {
    return Redacted.isRedacted(input) ? Redacted.value(input) : undefined
  } catch {
    return undefined
  }
}

export const baseUrl: Check<string> = (field, input) => {
  const read = readBaseUrl(input)
  return "problem" in read ? refuse(field, read.problem) : read.baseUrl
}
