/** The call with this project's client. */
import { PolloCredits } from "@effect-pollo/client"
import { Layer, ManagedRuntime, Redacted } from "effect"
import type { HttpClient } from "effect/http"
import { baseUrlOf, type Read } from "./read.ts"

export const ours = (url: string, transport: Layer.Layer<HttpClient.HttpClient>): Read => {
  const layer = PolloCredits.layer({ apiKey: Redacted.make("bench"), baseUrl: baseUrlOf(url) })
  const runtime = ManagedRuntime.make(layer.pipe(Layer.provide(transport)))
  return async () => (await runtime.runPromise(PolloCredits.getBalance)).availableCredits
}
