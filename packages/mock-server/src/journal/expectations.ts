import { InvalidExpectationError } from "../values/errors.ts"

/** At least `min`, at most `max`, or exactly a number. */
export type Bounds = number | { readonly min?: number | undefined; readonly max?: number | undefined }

/** What is expected of the requests of a client. An expectation that is left out is not checked. */
export interface Expectations {
  /** How many requests. If no request came, only an `attempts` that allows 0 is met, and no other expectation. */
  readonly attempts?: Bounds | undefined
  /** The statuses that were sent, in order; `null` for a request that got no status. */
  readonly statuses?: ReadonlyArray<number | null> | undefined
  /** Every request waited at least as long as the `Retry-After` before it asked. There must be such a `Retry-After`. */
  readonly waitedRetryAfter?: true | undefined
  /** No request came after an answer with any of these statuses. */
  readonly neverRetried?: ReadonlyArray<number> | undefined
  /**
   * The milliseconds from the end of each request to the arrival of the next. There must be at least two requests. A
   * wait that is up to 2 ms too short passes, because timers may fire early.
   */
  readonly waits?: Bounds | undefined
  /** No two requests were open at once. */
  readonly noOverlap?: true | undefined
  /** Every request except the first came on a connection that had served an earlier request. */
  readonly reusedConnection?: true | undefined
}

type Check = (argument: string, value: unknown) => void

const isStatus = (value: unknown): boolean =>
  typeof value === "number" && Number.isInteger(value) && value >= 100 && value <= 599

const statuses = (isOne: (value: unknown) => boolean, what: string): Check => (argument, value) => {
  if (!Array.isArray(value) || value.length === 0) {
    throw new InvalidExpectationError(argument, `a list of at least one status`, value)
  }
  const wrong = value.findIndex((each) => !isOne(each))
  if (wrong !== -1) throw new InvalidExpectationError(`${argument}[${wrong}]`, what, value[wrong])
}

const bounds = (isAmount: (value: number) => boolean, what: string): Check => {
  const check = (argument: string, value: unknown): void => {
    if (typeof value !== "number" || !isAmount(value)) throw new InvalidExpectationError(argument, what, value)
  }
  return (argument, value) => {
    if (typeof value === "number") return check(argument, value)
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw new InvalidExpectationError(argument, `${what}, or an object of min and max`, value)
    }
    const given = Object.entries(value).filter(([, bound]) => bound !== undefined)
    const strange = given.find(([name]) => name !== "min" && name !== "max")
    if (strange !== undefined) throw new InvalidExpectationError(`${argument}.${strange[0]}`, "called min or max")
    if (given.length === 0) {
      throw new InvalidExpectationError(argument, "an object of min and max, or one of them", value)
    }
    // A `max` of Infinity is accepted, and means no upper bound.
    for (const [name, bound] of given) if (name === "min" || bound !== Infinity) check(`${argument}.${name}`, bound)
    const { max = Infinity, min = 0 }: { readonly min?: number; readonly max?: number } = value
    if (min > max) throw new InvalidExpectationError(argument, "bounds of which min is not more than max", value)
  }
}

const yes: Check = (argument, value) => {
  if (value !== true) throw new InvalidExpectationError(argument, "true, or not be there", value)
}

const checks: Readonly<Record<keyof Expectations, Check>> = {
  attempts: bounds((value) => Number.isInteger(value) && value >= 0, "a whole number from 0"),
  statuses: statuses((value) => value === null || isStatus(value), "a status from 100 to 599, or null"),
  waitedRetryAfter: yes,
  neverRetried: statuses(isStatus, "a status from 100 to 599"),
  waits: bounds((value) => Number.isFinite(value) && value >= 0, "a number of milliseconds from 0"),
  noOverlap: yes,
  reusedConnection: yes
}

const isExpectation = (name: string): name is keyof Expectations => Object.hasOwn(checks, name)

/**
 * Refuses expectations that no request could meet, and those that every request would meet: a test with a misspelt
 * expectation must not pass.
 *
 * @throws InvalidExpectationError naming the argument
 */
export const checkExpectations = (expectations: Expectations): void => {
  if (typeof expectations !== "object" || expectations === null || Array.isArray(expectations)) {
    throw new InvalidExpectationError("expectations", "an object", expectations)
  }
  for (const [name, value] of Object.entries(expectations)) {
    if (!isExpectation(name)) {
      throw new InvalidExpectationError(name, `one of the expectations ${Object.keys(checks).join(", ")}`)
    }
    if (value !== undefined) checks[name](name, value)
  }
}
