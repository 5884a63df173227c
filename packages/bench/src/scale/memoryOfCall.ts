/** Memory that a call holds while its answer is awaited. Run with `--expose-gc`, once for each contender. */
import { Effect, Layer } from "effect"
import { FetchHttpClient } from "effect/http"
import { setTimeout as sleep } from "node:timers/promises"
import { ours } from "../call/ours.ts"
import { plain } from "../call/plain.ts"

const calls = 10_000
const url = "https://pollo.ai/api/platform/credit/balance"
const { promise, resolve } = Promise.withResolvers<Response>()
const transport = FetchHttpClient.layer.pipe(Layer.provide(Layer.succeed(FetchHttpClient.Fetch, () => promise)))

const entrants: Record<string, () => Promise<unknown>> = {
  "a promise": async () => (await promise).clone(),
  "plain Effect 4": plain(url, transport),
  "**ours**": ours(url, transport)
}

const call = entrants[process.argv[2] ?? ""]
if (call === undefined) throw new Error(`one of: ${Object.keys(entrants).join(", ")}`)
globalThis.gc?.()
const before = process.memoryUsage().heapUsed
const all = Array.from({ length: calls }, call)
await sleep(50)
globalThis.gc?.()
console.log((process.memoryUsage().heapUsed - before) / calls)
resolve(new Response("{}"))
all.forEach((one) => one.catch(() => undefined))
await Effect.runPromise(Effect.void)
process.exit()
