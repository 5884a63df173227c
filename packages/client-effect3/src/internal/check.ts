/** Checks what callers pass, whatever its type claims. A mistake is thrown here, and no value is ever repeated. */
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
    () => refuse(field, "must be a duration, such as \"5 seconds\" or a number of milliseconds")
  )
}

export const positiveDuration: Check<Duration.Duration> = (field, input) => {
  const decoded = duration(field, input)
  return Duration.toMillis(decoded) > 0 ? decoded : refuse(field, "must be longer than zero")
}

type Fields = Readonly<Record<string, Check<unknown>>>
type Checked<F extends Fields> = { readonly [K in keyof F]?: ReturnType<F[K]> }

/** Reads each field once; what is `undefined` is absent. With `closed`, a field that is not known is a mistake too. */
export const fields =
  <const F extends Fields>(known: F, { closed = false, prefix = true } = {}): Check<Checked<F>> => (field, input) => {
    if (typeof input !== "object" || input === null || Array.isArray(input)) {
      return refuse(field, "must be an object that holds options")
    }
    const checked: Record<string, unknown> = {}
    for (const [name, check] of Object.entries(known)) {
      const value = read(field, input, name)
      if (value !== undefined) checked[name] = check(prefix ? `${field}.${name}` : name, value)
    }
    if (closed && Object.keys(input).some((name) => !Object.hasOwn(known, name))) {
      return refuse(field, `has an unknown field; known are ${Object.keys(known).join(", ")}`)
    }
    // The compiler cannot see that each value passed the check of its own field.
    return checked as Checked<F>
  }

const read = (field: string, input: object, name: string): unknown => {
  try {
    return Reflect.get(input, name)
  } catch {
    return refuse(`${field}.${name}`, "could not be read")
  }
}

/** A line break in the key would be quoted by transports in their errors. */
export const apiKey: Check<string> = (field, input) => {
  const key = unwrapped(input)
  if (typeof key !== "string") return refuse(field, "must be a Redacted string; wrap the key with Redacted.make")
  if (key === "") return refuse(field, "must not be empty; create a key on the vendor's API page")
  return /^[\x21-\x7e]+$/.test(key) ? key : refuse(field, "must be visible ASCII without white space")
}

const unwrapped = (input: unknown): unknown => {
  try {
    return Redacted.isRedacted(input) ? Redacted.value(input) : undefined
  } catch {
    return undefined
  }
}

export const defaultBaseUrl = "https://pollo.ai/api/platform"

export const baseUrl: Check<string> = (field, input) => {
  const given = input instanceof URL ? input.href : input
  if (typeof given !== "string" || !URL.canParse(given)) {
    return refuse(field, `must be an absolute URL, such as ${defaultBaseUrl}`)
  }
  const url = new URL(given)
  if (url.protocol !== "https:" && url.protocol !== "http:") return refuse(field, "must be an https URL")
  if (url.username + url.password !== "") return refuse(field, "must not contain a user name or password")
  if (/[?#]/.test(given)) return refuse(field, "must not have a query or a fragment")
  return url.href.replace(/\/+$/, "")
}

/** Only what never asks a DNS server where the key goes. */
export const isLoopback = ({ hostname }: URL): boolean =>
  hostname === "localhost" || hostname === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(hostname)
