/** The call, written with Effect 4's own operators. */
import { Effect, type Layer, ManagedRuntime, Schedule, Schema } from "effect"
import { HttpClient, HttpClientResponse } from "effect/http"
import type { Read } from "./read.ts"

class CreditBalance extends Schema.Class<CreditBalance>("CreditBalance")({
  availableCredits: Schema.Finite,
  totalCredits: Schema.Finite
}) {}

export const plain = (url: string, transport: Layer.Layer<HttpClient.HttpClient>): Read => {
  const read = HttpClient.get(url, { headers: { "x-api-key": "bench" } }).pipe(
    Effect.flatMap(HttpClientResponse.filterStatusOk),
    Effect.flatMap(HttpClientResponse.schemaBodyJson(CreditBalance)),
    Effect.timeout("5 seconds"),
    Effect.retry({ times: 3, schedule: Schedule.exponential("250 millis") })
  )
  const runtime = ManagedRuntime.make(transport)
  return async () => (await runtime.runPromise(read)).availableCredits
}
