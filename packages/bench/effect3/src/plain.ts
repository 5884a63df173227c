/** The call as one writes it with Effect 3's own operators. */
import { FetchHttpClient, HttpClient, HttpClientResponse } from "@effect/platform"
import { Effect, ManagedRuntime, Schedule, Schema } from "effect"

class CreditBalance extends Schema.Class<CreditBalance>("CreditBalance")({
  availableCredits: Schema.Finite,
  totalCredits: Schema.Finite
}) {}

/** A function that reads the available credits at that URL, with a time-out and three retries, over fetch. */
export const plainEffect3 = (url: string): () => Promise<number> => {
  const read = HttpClient.get(url, { headers: { "x-api-key": "bench" } }).pipe(
    Effect.flatMap(HttpClientResponse.filterStatusOk),
    Effect.flatMap(HttpClientResponse.schemaBodyJson(CreditBalance)),
    Effect.timeout("5 seconds"),
    Effect.retry({ times: 3, schedule: Schedule.exponential("250 millis") }),
    Effect.scoped
  )
  const runtime = ManagedRuntime.make(FetchHttpClient.layer)
  return async () => (await runtime.runPromise(read)).availableCredits
}
