/**
 * A fast transport for Node: an `HttpClient` over the `dispatch` of an undici `Dispatcher`.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import { Agent, type Dispatcher } from "undici"
import { exchange } from "./internal/undici/exchange.ts"

/**
 * What the transport is built from.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /**
   * Sends the requests: a `Pool`, a `MockAgent`, or an `EnvHttpProxyAgent`, which honours `HTTPS_PROXY`. The layer does
   * not close it.
   *
   * @default an `Agent` that is destroyed with the layer
   */
  readonly dispatcher?: Dispatcher | undefined
}

/**
 * An `HttpClient` for small answers on Node, about twice as fast as `fetch`.
 *
 * **Details**
 *
 * It buffers the body of a 200 up to 64 KiB, and streams what is larger. It follows no redirect, passes over
 * informational responses (1xx), and closes the connection when it is interrupted. The dispatcher handles TLS, DNS and
 * proxies. A request with a body fails, because this transport sends none.
 *
 * Only this module loads the package `undici`, version 7 or later, which the program must install.
 *
 * **Example** (The client over undici)
 *
 * ```ts
 * import { PolloCredits } from "@effect-pollo/client"
 * import * as Undici from "@effect-pollo/client/undici"
 * import { Layer } from "effect"
 *
 * export const PolloLive = PolloCredits.layerConfig().pipe(Layer.provide(Undici.layer()))
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (options: Options = {}): Layer.Layer<HttpClient.HttpClient> => {
  const dispatcher = options.dispatcher === undefined
    ? Effect.acquireRelease(Effect.sync(() => new Agent()), (agent) => Effect.promise(() => agent.destroy()))
    : Effect.succeed(options.dispatcher)
  return Layer.effect(
    HttpClient.HttpClient,
    Effect.map(
      dispatcher,
      (dispatcher) =>
        HttpClient.make((request, url, signal) =>
          Effect.callback((resume) => Effect.sync(exchange(dispatcher, request, url, signal, resume)))
        )
    )
  )
}
