/** Requests through the proxy that the environment names, as curl and gh send them. */
import { PolloConfigError } from "@effect-pollo/client"
import { proxyAuthenticationRequired } from "../output/reasons.ts"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import type * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"

export interface Proxy {
  /** The variable that names the proxy. */
  readonly variable: string
  readonly url: string
}

/**
 * In the order of their precedence. `HTTP_PROXY` is not in the list, because plain http is used only for loopback
 * addresses.
 */
const variables = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]

const schemes = new Set(["http:", "https:", "socks5:", "socks:"])

const variable = (name: string): Effect.Effect<Option.Option<string>> =>
  Effect.orElseSucceed(Config.option(Config.String(name)), Option.none<string>)

/** The proxy for https, or `undefined`. An empty variable counts as not set. */
export const named: Effect.Effect<Proxy | undefined, PolloConfigError> = Effect.gen(function*() {
  for (const name of variables) {
    const given = yield* variable(name)
    if (Option.isNone(given)) continue
    // As in curl, a proxy without a scheme is reached over http.
    const url = /^[a-z][a-z\d+.-]*:\/\//i.test(given.value) ? given.value : `http://${given.value}`
    if (URL.canParse(url) && schemes.has(new URL(url).protocol)) return { variable: name, url }
    return yield* new PolloConfigError({
      field: name,
      problem: "must be the URL of an http or socks5 proxy, such as http://proxy.example:3128"
    })
  }
  return undefined
})

/**
 * `fetch`, through the proxy if there is one and `NO_PROXY` does not except the host. Only then undici is loaded,
 * because that takes a third of the start-up time.
 */
export const transport = (proxy: Proxy | undefined): Layer.Layer<HttpClient.HttpClient> =>
  FetchHttpClient.layer.pipe(
    Layer.provide(
      Layer.effect(FetchHttpClient.Fetch)(
        Effect.map(proxy === undefined ? Effect.succeed(globalThis.fetch) : through(proxy), withCodeOf407)
      )
    )
  )

/**
 * Adds a code to the failure of `fetch` on a 407, from a proxy or as an answer. `fetch` itself says so only in a
 * message.
 */
const withCodeOf407 = (fetch: typeof globalThis.fetch): typeof globalThis.fetch => async (input, init) => {
  try {
    return await fetch(input, init)
  } catch (error) {
    if (!/proxy authentication required|Proxy response \(407\)/i.test(wordsOf(error))) throw error
    throw Object.assign(new Error("407"), { code: proxyAuthenticationRequired })
  }
}

const wordsOf = (error: unknown): string => error instanceof Error ? `${error.message}; ${wordsOf(error.cause)}` : ""

const through = Effect.fnUntraced(function*({ url }: Proxy) {
  const undici = yield* Effect.promise(() => import("undici"))
  const exceptions = Option.firstSomeOf([yield* variable("no_proxy"), yield* variable("NO_PROXY")])
  const dispatcher = yield* Effect.acquireRelease(
    Effect.sync(() =>
      new undici.EnvHttpProxyAgent({
        httpsProxy: url,
        httpProxy: "",
        noProxy: Option.getOrElse(exceptions, () => "")
      })
    ),
    (agent) => Effect.promise(() => agent.destroy())
  )
  // Node's own fetch is built from undici, but undici declares the types again under the same names.
  const fetch = undici.fetch as unknown as typeof globalThis.fetch
  return ((input, init) => fetch(input, Object.assign({ dispatcher }, init))) as typeof globalThis.fetch
})
