import type { BalanceEvent } from "@effect-pollo/client/BalanceWatch"
import * as Schema from "effect/Schema"
import { WatchOutput } from "../output/outputs.ts"
import { credits } from "../values/figures.ts"
import type { Reading } from "./lines.ts"

const encode = Schema.encodeSync(Schema.fromJsonString(WatchOutput))

/** An event as a line of JSON. The command of `--exec` gets the same line. */
export const eventToJson = (event: BalanceEvent): string => encode(event)

const fieldsOf = Schema.encodeSync(WatchOutput)

/** An alert in the form that chat webhooks accept: the fields of the event, and a `text` for people. */
export const messageToJson = (event: BalanceEvent.Low): string => {
  const { availableCredits, totalCredits } = event.balance
  const text = `Pollo AI: ${credits(availableCredits)} of ${credits(totalCredits)} credits are left; ${
    credits(event.lowAt)
  } or fewer is low`
  return JSON.stringify(Object.assign({ text }, fieldsOf(event)))
}

/** The event, and a forecast if the reading has one. */
export const toJson = (event: BalanceEvent, reading: Reading | undefined): ReadonlyArray<string> =>
  reading?.forecast._tag === "Forecast" ? [encode(event), encode(reading.forecast)] : [encode(event)]
