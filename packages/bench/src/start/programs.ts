/**
 * Programs that read the balance once and end, as users would write them. `URL` stands for the address of the balance.
 */
export const programs = {
  "bare fetch": `
const response = await fetch(process.argv[2] + "/credit/balance", { headers: { "x-api-key": "bench" } })
console.log((await response.json()).availableCredits)
process.exit()`,
  "plain Effect 4, deep imports": `
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientResponse from "effect/http/HttpClientResponse"
class CreditBalance extends Schema.Class("CreditBalance")({ availableCredits: Schema.Finite, totalCredits: Schema.Finite }) {}
const read = HttpClient.get(process.argv[2] + "/credit/balance", { headers: { "x-api-key": "bench" } }).pipe(
  Effect.flatMap(HttpClientResponse.filterStatusOk),
  Effect.flatMap(HttpClientResponse.schemaBodyJson(CreditBalance)),
  Effect.timeout("5 seconds"),
  Effect.retry({ times: 3, schedule: Schedule.exponential("250 millis") })
)
console.log((await Effect.runPromise(Effect.provide(read, FetchHttpClient.layer))).availableCredits)
process.exit()`,
  "ours, deep imports": `
import { PolloCredits } from "@effect-pollo/client"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
const layer = PolloCredits.layer({ apiKey: Redacted.make("bench"), baseUrl: process.argv[2] }).pipe(Layer.provide(FetchHttpClient.layer))
console.log((await Effect.runPromise(Effect.provide(PolloCredits.getBalance, layer))).availableCredits)
process.exit()`,
  "ours, barrel imports": `
import { PolloCredits } from "@effect-pollo/client"
import { Effect, Layer, Redacted } from "effect"
import { FetchHttpClient } from "effect/http"
const layer = PolloCredits.layer({ apiKey: Redacted.make("bench"), baseUrl: process.argv[2] }).pipe(Layer.provide(FetchHttpClient.layer))
console.log((await Effect.runPromise(Effect.provide(PolloCredits.getBalance, layer))).availableCredits)
process.exit()`
} as const

export type Program = keyof typeof programs
