import * as v from "valibot"
import type { Settings } from "../settings/options.ts"
import { profiles, settingOptions } from "../settings/options.ts"
import { retryAfterForms } from "../values/retry-after.ts"

// These describe what is answered, and check nothing.

const described = (text: string) => v.pipe(v.number(), v.description(text))

const whole = v.pipe(v.number(), v.integer())

const limit = v.strictObject({
  capacity: whole,
  refillPerSecond: v.number(),
  retryAfter: v.picklist(retryAfterForms)
})

export const clock = v.strictObject({
  now: described("Milliseconds since 1970, on the clock of the key."),
  frozen: v.boolean()
})

export const account = v.strictObject({
  key: v.pipe(v.string(), v.description("As the call wrote it.")),
  label: v.pipe(
    v.string(),
    v.description("Stands for the key wherever it is shown. Calls take it in place of the key.")
  ),
  profile: v.exactOptional(
    v.pipe(
      v.picklist(profiles),
      v.description("The profile of this account. Missing where the profile of the server applies.")
    )
  ),
  availableCredits: v.number(),
  totalCredits: v.number(),
  reportedCredits: described("What the balance endpoint reports: it lags behind by the spends of the last lagMillis."),
  grantedCredits: described("All credits granted so far, those since spent, drained or expired included."),
  spentCredits: v.number(),
  drainedCredits: v.number(),
  expiredCredits: v.number(),
  lowestCredits: described("The lowest balance since the account was set."),
  drainPerMinute: v.number(),
  lagMillis: whole,
  scheduled: v.pipe(whole, v.description("Grants and spends that are still to happen.")),
  refused: v.pipe(whole, v.description("Scheduled grants and spends that could not happen when their time came.")),
  limit: v.nullable(v.strictObject({ ...limit.entries, tokens: described("Requests that would get through now.") })),
  reservedSteps: v.pipe(v.array(v.string()), v.description("The steps that are left. The last one repeats.")),
  next: v.pipe(v.string(), v.description("The step that the next request gets.")),
  clock,
  attempts: v.pipe(whole, v.description("How many requests the key has made."))
})

export const plan = v.strictObject({ steps: v.array(v.string()), next: v.string() })

export const request = v.strictObject({
  id: v.pipe(whole, v.description("Requests are numbered in the order in which they arrived.")),
  key: v.pipe(v.nullable(v.string()), v.description("The label that stands for the key. Null without a key.")),
  method: v.string(),
  path: v.string(),
  step: v.pipe(v.nullable(v.string()), v.description("The step that answered; limit for the rate limiter.")),
  status: v.pipe(v.nullable(whole), v.description("The status that went out. Null when none did.")),
  attempt: v.pipe(v.nullable(whole), v.description("Which request of its key it is, from 1.")),
  at: described("When it arrived, in milliseconds since 1970 on the clock of its key."),
  millis: v.pipe(v.nullable(v.number()), v.description("From its arrival until its end. Null while it is open.")),
  outcome: v.picklist(["open", "sent", "faulted", "aborted"]),
  retryAfter: v.nullable(v.string()),
  intervalMillis: v.pipe(v.nullable(v.number()), v.description("Since the arrival of the key's previous request.")),
  waitedMillis: v.pipe(v.nullable(v.number()), v.description("Since the end of the key's previous request.")),
  concurrent: v.pipe(whole, v.description("How many other requests of the key were open when it arrived.")),
  connection: v.nullable(v.strictObject({
    id: whole,
    request: v.pipe(whole, v.description("Which request on the connection it is, from 1.")),
    reused: v.boolean(),
    closedAt: v.nullable(v.number())
  }))
})

export const accounts = v.strictObject({ total: whole, accounts: v.array(account) })

export const history = v.strictObject({
  points: v.array(v.strictObject({ at: v.number(), availableCredits: v.number() }))
})

export const requests = v.strictObject({ total: whole, requests: v.array(request) })

const complete = v.pipe(v.boolean(), v.description("Whether all requests asked about are still on record."))

export const foundRequests = v.strictObject({ requests: v.array(request), complete })

export const count = v.strictObject({ count: whole })

export const summary = v.strictObject({
  attempts: whole,
  statuses: v.array(v.nullable(whole)),
  intervals: v.pipe(v.array(v.number()), v.description("Milliseconds from each arrival to the next.")),
  waits: v.pipe(v.array(v.nullable(v.number())), v.description("Milliseconds from each end to the next arrival.")),
  waitedRetryAfter: v.pipe(v.nullable(v.boolean()), v.description("Null when no Retry-After was there to wait for.")),
  retriedStatuses: v.pipe(v.array(whole), v.description("The statuses that were followed by another request.")),
  overlapped: v.pipe(v.boolean(), v.description("Whether any two requests were open at once.")),
  connections: v.pipe(v.nullable(whole), v.description("How many connections the requests came on. Null in process.")),
  connectionReused: v.nullable(v.boolean()),
  complete
})

export const verification = v.strictObject({ pass: v.boolean(), message: v.string(), complete })

const settingObjects: Readonly<Record<string, v.GenericSchema>> = {
  balance: v.strictObject({ availableCredits: v.number(), totalCredits: v.number() }),
  limit: v.nullable(limit)
}

/** The types of its entries are lost on the way through a list; the table itself is held to those of Settings. */
export const settings = v.strictObject(
  Object.fromEntries(
    Object.entries(settingOptions).map(([name, { json }]) => [
      name,
      json === "object" ? settingObjects[name] ?? v.unknown() : json === "whole" ? whole : v.picklist(json)
    ])
  )
) as unknown as v.GenericSchema<unknown, Settings>

export const health = v.strictObject({ status: v.literal("ok") })

export const ready = v.strictObject({ status: v.literal("ready") })

export const version = v.strictObject({ version: v.string() })
