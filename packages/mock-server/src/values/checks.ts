import { isCredits, maxCredits } from "./credits.ts"
import { InvalidOptionError } from "./errors.ts"

/*
 * What a caller can pass, checked in one place. Callers in JavaScript pass anything, so what comes in is `unknown`.
 * Each throws an InvalidOptionError that names the option.
 */

/** The longest delay that a timer can hold: 24 days. */
export const maxTimerMillis = 2_147_483_647

export const wholeNumber = (option: string, value: unknown, min: number, max: number): number => {
  if (typeof value === "number" && Number.isInteger(value) && value >= min && value <= max) return value
  throw new InvalidOptionError(option, `a whole number from ${min} to ${max}`, value)
}

export const numberWithin = (option: string, value: unknown, min: number, max: number): number => {
  if (typeof value === "number" && value >= min && value <= max) return value
  throw new InvalidOptionError(option, `a number from ${min} to ${max}`, value)
}

export const creditsOf = (option: string, value: unknown): number => {
  if (typeof value === "number" && isCredits(value)) return value
  throw new InvalidOptionError(option, `a number with at most two decimals, within ±${maxCredits}`, value)
}

export const oneOf = <const A>(option: string, value: unknown, values: ReadonlyArray<A>): A => {
  const found = values.find((each) => each === value)
  if (found !== undefined) return found
  throw new InvalidOptionError(option, `one of ${values.join(", ")}`, value)
}

/** Milliseconds to wait at most; `Infinity` is without end. */
export const graceOf = (option: string, value: unknown): number => {
  if (value === Infinity) return value
  if (typeof value === "number" && value >= 0) return value
  throw new InvalidOptionError(option, "a number of milliseconds from 0, or Infinity", value)
}
