/**
 * What one call costs beside the same call written by hand, each on the same canned `fetch`, in one run.
 *
 * Run with `pnpm bench`. The ratios are what counts; the times are this machine's.
 */
import { CreditBalance, PolloCredits } from "@effect-pollo/client"
import { Effect, Layer, ManagedRuntime, Redacted, Schema } from "effect"
import { FetchHttpClient, HttpClient, HttpClientRequest, HttpClientResponse } from "effect/http"
import { Bench } from "tinybench"

const body = JSON.stringify({ availableCredits: 42, totalCredits: 100 })
const canned: typeof fetch = () =>
  Promise.resolve(new Response(body, { headers: { "content-type": "application/json" } }))

const url = "https://pollo.ai/api/platform/credit/balance"
const transport = FetchHttpClient.layer.pipe(Layer.provide(Layer.succeed(FetchHttpClient.Fetch, canned)))
const runtime = ManagedRuntime.make(
  PolloCredits.layer({ apiKey: Redacted.make("bench") }).pipe(Layer.provideMerge(transport))
)

/** No retry, no limit on time or size, no error but one. */
const plainEffect = HttpClient.HttpClient.pipe(
  Effect.flatMap((client) => client.execute(HttpClientRequest.get(url, { headers: { "x-api-key": "bench" } }))),
  Effect.flatMap(HttpClientResponse.schemaBodyJson(CreditBalance))
)

const decode = Schema.decodeUnknownSync(CreditBalance)

const bench = new Bench({ time: 2000, warmupTime: 500 })
  .add("fetch and a decoder, by hand", async () => {
    const response = await canned(url, { headers: { "x-api-key": "bench" } })
    decode(await response.json())
  })
  .add("effect's HttpClient, plain", () => runtime.runPromise(plainEffect))
  .add("PolloCredits.getBalance", () => runtime.runPromise(PolloCredits.getBalance))

await bench.run()
await runtime.dispose()

const micros = bench.tasks.map(({ name, result }) => ({
  name,
  median: "latency" in result ? result.latency.p50 * 1000 : Number.NaN
}))
const [byHand] = micros
console.table(Object.fromEntries(micros.map(({ median, name }) => [name, {
  "median µs": median.toFixed(1),
  "× by hand": (median / (byHand?.median ?? Number.NaN)).toFixed(2)
}])))
