import * as v from "valibot"
import { isCredits, maxCredits } from "../values/credits.ts"
import { retryAfterForms } from "../values/retry-after.ts"
import { longestMillis } from "../settings/account-options.ts"
import type { AccountInput } from "../settings/account-options.ts"
import { maxRate, profiles, settingOptions } from "../settings/options.ts"
import type { Expectations } from "../journal/expectations.ts"
import type {
  AdvanceInput,
  JumpInput,
  PlanInput,
  RequestFilter,
  RequestQuery,
  SpendInput,
  TopUpInput
} from "./types.ts"

/** Checks an object whose fields are all known. */
export interface Fields<Output> extends v.GenericSchema<unknown, Output> {
  readonly entries: v.ObjectEntries
}

const numberFrom = (min: number, max: number, what = "a number") => {
  const message = `must be ${what} from ${min} to ${max}`
  return v.pipe(v.number(message), v.minValue(min, message), v.maxValue(max, message))
}

const wholeFrom = (min: number, max: number, what = "a whole number") =>
  v.pipe(numberFrom(min, max, what), v.integer(`must be ${what} from ${min} to ${max}`))

const millis = wholeFrom(0, longestMillis, "a whole number of milliseconds")

const expiry = v.pipe(millis, v.description("When what is left of these credits expires. Without it they never do."))

const credits = v.pipe(
  v.number("must be a number"),
  v.check(isCredits, `must have at most two decimals, and lie within ±${maxCredits}`),
  v.description("Credits, with at most two decimals.")
)

const amount = v.pipe(
  v.number("must be a number"),
  v.gtValue(0, "must be more than 0"),
  v.check(isCredits, `must have at most two decimals, and be no more than ${maxCredits}`),
  v.description("Credits, with at most two decimals.")
)

const textOf = (max: number) => {
  const message = `must be a text of 1 to ${max} characters`
  return v.pipe(v.string(message), v.minLength(1, message), v.maxLength(max, message))
}

const key = v.pipe(
  textOf(16_384),
  v.description("The key, or the label that stands for it.")
)

const limit = v.nullable(v.strictObject({
  capacity: wholeFrom(1, maxRate),
  refillPerSecond: numberFrom(0, maxRate),
  retryAfter: v.optional(v.picklist(retryAfterForms, `must be one of ${retryAfterForms.join(", ")}`))
}, "must be an object, or null for none"))

const choice = <const Word extends string>(words: ReadonlyArray<Word>) =>
  v.picklist(words, `must be one of ${words.join(", ")}`)

const status = wholeFrom(100, 599, "a status")

const fields = <const Entries extends v.ObjectEntries>(entries: Entries) =>
  v.strictObject(entries, "must be a JSON object")

export const nothing = fields({})

export const accountInput = fields({
  availableCredits: credits,
  totalCredits: v.optional(v.pipe(credits, v.description("Defaults to availableCredits."))),
  drainPerMinute: v.optional(
    v.pipe(numberFrom(0, maxCredits), v.description("Credits that are used up each minute, while there are any."))
  ),
  lagMillis: v.optional(
    v.pipe(millis, v.description("For how long the reported balance does not show a spend."))
  ),
  expiresInMillis: v.optional(expiry),
  limit: v.optional(limit),
  profile: v.optional(choice(profiles))
}) satisfies Fields<AccountInput>

const movement = {
  credits: amount,
  id: v.optional(v.pipe(textOf(200), v.description("The same id again changes nothing."))),
  inMillis: v.optional(v.pipe(millis, v.description("Delays the movement by this time.")))
}

export const spendInput = fields(movement) satisfies Fields<SpendInput>

export const topUpInput = fields({ ...movement, expiresInMillis: v.optional(expiry) }) satisfies Fields<TopUpInput>

export const planInput = fields({
  steps: v.pipe(
    v.array(textOf(200), "must be a list of steps"),
    v.minLength(1, "must name at least one step"),
    v.maxLength(1000, "must have at most 1000 steps"),
    v.description("As in a key, such as 503_x2. The last one repeats.")
  )
}) satisfies Fields<PlanInput>

export const advanceInput = fields({ millis }) satisfies Fields<AdvanceInput>

export const jumpInput = fields({ millis: v.optional(millis) }) satisfies Fields<JumpInput>

const listLimit = wholeFrom(0, 1_000_000)

export const accountsQuery = fields({ limit: v.optional(listLimit) })

export const requestQuery = fields({
  key: v.optional(key),
  limit: v.optional(listLimit)
}) satisfies Fields<RequestQuery>

export const requestFilter = fields({
  key: v.optional(key),
  status: v.optional(status),
  step: v.optional(textOf(200)),
  method: v.optional(textOf(50)),
  path: v.optional(textOf(2000))
}) satisfies Fields<RequestFilter>

export const keyQuery = fields({ key })

export const optionalKeyQuery = fields({ key: v.optional(key) })

const boundsOf = <const Amount extends v.GenericSchema<unknown, number>>(number: Amount) =>
  v.union([
    number,
    v.strictObject(
      { min: v.optional(number), max: v.optional(number) },
      "must be a number, or an object of min and max"
    )
  ], "must be a number, or an object of min and max")

const yes = v.literal(true, "must be true, or not be there")

export const verifyInput = fields({
  key,
  expect: fields({
    attempts: v.optional(boundsOf(wholeFrom(0, 1_000_000))),
    statuses: v.optional(v.array(v.nullable(status), "must be a list of statuses")),
    waitedRetryAfter: v.optional(yes),
    neverRetried: v.optional(v.array(status, "must be a list of statuses")),
    waits: v.optional(boundsOf(millis)),
    noOverlap: v.optional(yes),
    reusedConnection: v.optional(yes)
  })
}) satisfies Fields<{ readonly key: string; readonly expect: Expectations }>

/** The settings that are objects. */
const settingObjects: Readonly<Record<string, v.GenericSchema>> = {
  balance: v.strictObject({
    availableCredits: credits,
    totalCredits: v.optional(credits)
  }, "must be an object"),
  limit
}

/** Every setting, from the table of options. Their ranges are checked where those of the options are. */
export const settingsInput: Fields<Readonly<Record<string, unknown>>> = fields(
  Object.fromEntries(
    Object.entries(settingOptions).map(([name, { json }]) => [
      name,
      v.optional(
        json === "object"
          ? settingObjects[name] ?? v.unknown()
          : json === "whole"
          ? v.number("must be a number")
          : choice(json)
      )
    ])
  )
)
