/**
 * The checks of everything that a caller can pass. A mistake is a `PolloConfigError` that names the field. It never
 * repeats the value, because a key may have been pasted into the wrong place.
 *
 * Values from JSON, JavaScript or a cast may not have their declared type, so every check takes `unknown`. `undefined`
 * is the same as absent, `null` is a mistake. Checks that not every program needs are marked as pure, so that a bundler
 * can leave them out.
 */
import { unknownField } from "@effect-pollo/protocol"
import * as Duration from "effect/Duration"
import * as Predicate from "effect/Predicate"
import * as Record from "effect/Record"
import * as Result from "effect/Result"
import { PolloConfigError } from "../PolloConfigError.ts"

/** Checks the value of the field called `field`. */
export type Check<A> = (field: string, input: unknown) => Result.Result<A, PolloConfigError>

type Checked<C> = C extends Check<infer A> ? A : never

export const refuse = (field: string, problem: string): Result.Result<never, PolloConfigError> =>
  Result.fail(new PolloConfigError({ field, problem }))

/** A check that also refuses a getter or a proxy that throws. */
export const safely = <A>(check: Check<A>): Check<A> => (field, input) =>
  Result.getOrElse(Result.try(() => check(field, input)), () => refuse(field, "could not be read"))

/** A value for which `is` holds; others are refused with `problem`. */
export const matching = <A>(is: (input: unknown) => input is A, problem: string): Check<A> =>
  safely((field, input) => is(input) ? Result.succeed(input) : refuse(field, problem))

const numberThat = (holds: (value: number) => boolean, problem: string): Check<number> =>
  matching((input): input is number => typeof input === "number" && holds(input), problem)

export const wholeNumber = (least: number, unit = "number"): Check<number> =>
  numberThat((value) => Number.isSafeInteger(value) && value >= least, `must be a whole ${unit}, ${least} or more`)

export const atLeast = (least: number): Check<number> =>
  numberThat((value) => Number.isFinite(value) && value >= least, `must be a finite number, ${least} or more`)

/** From 0 to below 1. */
export const share: Check<number> = /* @__PURE__ */ numberThat(
  (value) => value >= 0 && value < 1,
  "must be a number from 0 to below 1"
)

export const text: Check<string> = /* @__PURE__ */ matching((input) => typeof input === "string", "must be a string")

/** The cost of a job, or a margin. */
export const credits: Check<number> = /* @__PURE__ */ numberThat(
  (value) => Number.isFinite(value) && value >= 0,
  "must be a finite number of credits, 0 or more"
)

/** A mark to compare a balance with. Both can be below zero. */
export const balance: Check<number> = /* @__PURE__ */ numberThat(Number.isFinite, "must be a finite number of credits")

export const flag: Check<boolean> = matching((input) => typeof input === "boolean", "must be true or false")

export const oneOf = <const A extends string>(...values: ReadonlyArray<A>): Check<A> =>
  matching(
    (input): input is A => values.some((value) => value === input),
    `must be ${values.map((value) => `"${value}"`).join(" or ")}`
  )

const aDuration = "must be a duration, such as \"5 seconds\""
const durationUnits = new Set([
  "weeks",
  "days",
  "hours",
  "minutes",
  "seconds",
  "milliseconds",
  "microseconds",
  "nanoseconds"
])

/** Refuses NaN, and objects without any unit, which `Duration.fromInput` takes for a duration of zero. */
const decodeDuration = (input: unknown): Duration.Duration | undefined => {
  if (Duration.isDuration(input)) return input
  const isInput = typeof input === "object" && input !== null
    ? Object.entries(input).length > 0 &&
      Object.entries(input).every(([unit, value]) =>
        (Array.isArray(input) || durationUnits.has(unit)) && typeof value === "number" && !Number.isNaN(value)
      )
    : !Number.isNaN(input)
  return isInput ? Duration.fromInputUnsafe(input as Duration.Input) : undefined
}

const durationThat = (holds: (value: Duration.Duration) => boolean, problem: string): Check<Duration.Duration> =>
(
  field,
  input
) => {
  const decoded = Result.getOrUndefined(Result.try(() => decodeDuration(input)))
  if (decoded === undefined) return refuse(field, aDuration)
  if (Duration.isNegative(decoded)) return refuse(field, "must not be negative")
  return holds(decoded) ? Result.succeed(decoded) : refuse(field, problem)
}

/** A duration. Zero and infinite ones are accepted. */
export const duration: Check<Duration.Duration> = durationThat(() => true, "")

export const positiveDuration: Check<Duration.Duration> = durationThat(Duration.isPositive, "must be longer than zero")

const inMillis = (check: Check<Duration.Duration>): Check<number> => (field, input) =>
  Result.flatMap(check(field, input), (decoded) =>
    Duration.isFinite(decoded)
      ? Result.succeed(Math.ceil(Duration.toMillis(decoded)))
      : refuse(field, "must be finite"))

/** A finite time in whole milliseconds. */
export const millis: Check<number> = /* @__PURE__ */ inMillis(duration)

/** A finite time in whole milliseconds, at least one. */
export const positiveMillis: Check<number> = /* @__PURE__ */ inMillis(positiveDuration)

export const optional = <A>(check: Check<A>): Check<A | undefined> => (field, input) =>
  input === undefined ? Result.succeed(undefined) : check(field, input)

export const withDefault = <A>(check: Check<A>, value: A): Check<A> => (field, input) =>
  input === undefined ? Result.succeed(value) : check(field, input)

/** Any iterable except a string, whose elements all pass `check`. */
export const list = <A>(check: Check<A>): Check<ReadonlyArray<A>> => (field, input) =>
  Result.gen(function*() {
    const elements = typeof input === "string" || !Predicate.isIterable(input)
      ? undefined
      : Result.getOrUndefined(Result.try(() => Array.from(input)))
    if (elements === undefined) return yield* refuse(field, "must be an array or another iterable")
    const checked: Array<A> = []
    for (const [index, element] of elements.entries()) checked.push(yield* check(`${field}[${index}]`, element))
    return checked
  })

type Fields = Readonly<Record<string, Check<unknown>>>

const noObject = "must be an object that holds options"

/** Reads each field once: a getter may answer differently the second time. */
const readFields = (
  root: string,
  prefix: string,
  fields: Fields,
  input: unknown
): Result.Result<Record<string, unknown>, PolloConfigError> => {
  if (typeof input !== "object" || input === null || Array.isArray(input)) return refuse(root, noObject)
  const checked: Record<string, unknown> = {}
  for (const [name, check] of Object.entries(fields)) {
    const field = `${prefix}${name}`
    const result = safely((field) => check(field, Reflect.get(input, name)))(field, input)
    if (Result.isFailure(result)) return Result.fail(result.failure)
    if (result.success !== undefined) checked[name] = result.success
  }
  return Result.succeed(checked)
}

/** An object with these fields, in this order. Other fields are left alone. */
export const struct =
  <const F extends Fields>(fields: F): Check<{ readonly [K in keyof F]: Checked<F[K]> }> => (field, input) =>
    // The compiler cannot see that each key of `fields` was read.
    readFields(field, `${field}.`, fields, input) as Result.Result<never, PolloConfigError>

/** As `struct`, but any field can be absent, and is then absent from the result too. */
export const partial =
  <const F extends Fields>(fields: F): Check<{ readonly [K in keyof F]?: Checked<F[K]> }> => (field, input) =>
    readFields(field, `${field}.`, Record.map(fields, optional), input) as Result.Result<never, PolloConfigError>

/** As `partial`, but a field that is not among these is a mistake too. */
export const closed =
  <const F extends Fields>(fields: F): Check<{ readonly [K in keyof F]?: Checked<F[K]> }> => (field, input) => {
    const checked = partial(fields)(field, input)
    if (Result.isFailure(checked)) return checked
    const unknown = unknownField(Object.keys(Object(input)), Object.keys(fields))
    if (unknown === undefined) return checked
    return refuse(unknown.name === undefined ? field : `${field}.${unknown.name}`, unknown.problem)
  }

/** The options argument of a function. Its fields are named without a prefix. */
export const options = <const F extends Fields>(fields: F) =>
(
  input: unknown
): Result.Result<{ readonly [K in keyof F]: Checked<F[K]> }, PolloConfigError> =>
  readFields("options", "", fields, input) as Result.Result<never, PolloConfigError>
