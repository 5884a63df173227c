/** The transports that carry a request, and a client over one of them. */
import { PolloCredits } from "@effect-pollo/client"
import * as Undici from "@effect-pollo/client/undici"
import { NodeHttpClient } from "@effect/platform-node"
import { Layer, Redacted } from "effect"
import type { HttpClient } from "effect/http"
import { FetchHttpClient } from "effect/http"
import { key } from "./scripted.ts"

export const transports: ReadonlyArray<readonly [name: string, layer: Layer.Layer<HttpClient.HttpClient>]> = [
  ["fetch", FetchHttpClient.layer],
  ["undici's request", NodeHttpClient.layerUndici],
  ["undici's dispatch", Undici.layer()],
  ["node:http", NodeHttpClient.layerNodeHttp]
]

export const client = (
  url: string,
  layer: Layer.Layer<HttpClient.HttpClient>,
  options: Partial<PolloCredits.Options> = {}
) =>
  PolloCredits.layer({ apiKey: Redacted.make(key), baseUrl: url, policy: { maxRetries: 0 }, ...options }).pipe(
    Layer.provide(layer)
  )
