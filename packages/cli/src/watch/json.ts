import type { BalanceEvent } from "@effect-pollo/client/BalanceWatch"
import * as Schema from "effect/Schema"
import { WatchOutput } from "../output/outputs.ts"
import type { Reading } from "./lines.ts"

const encode = Schema.encodeSync(Schema.fromJsonString(WatchOutput))

/** An event as a line of JSON. Alerts get the same line. */
export const eventToJson = (event: BalanceEvent): string => encode(event)

/** The event and, with a reading that allows one, a forecast. */
export const toJson = (event: BalanceEvent, reading: Reading | undefined): ReadonlyArray<string> =>
  reading?.forecast._tag === "Forecast" ? [encode(event), encode(reading.forecast)] : [encode(event)]
