/**
 * What must hold for every request with a key, whatever a caller wraps around the client: no redirect is followed, and
 * the client's own span is off, because it would send trace headers to the vendor.
 */
import { isRedirectStatus } from "@effect-pollo/protocol"
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpClient from "@effect/platform/HttpClient"
import { ResponseError } from "@effect/platform/HttpClientError"
import type { HttpClientRequest } from "@effect/platform/HttpClientRequest"
import type { HttpClientResponse } from "@effect/platform/HttpClientResponse"
import * as Effect from "effect/Effect"
import { constTrue } from "effect/Function"
import * as Option from "effect/Option"

/**
 * Reads the `RequestInit` of the client's own layer once, because one that is provided with a call replaces it as a
 * whole.
 */
export const pin = (client: HttpClient.HttpClient): Effect.Effect<HttpClient.HttpClient> =>
  Effect.map(
    initOf(client),
    (init) =>
      HttpClient.transform(client, (effect, request) =>
        Effect.serviceOption(FetchHttpClient.RequestInit).pipe(
          Effect.flatMap((given) =>
            Effect.provideService(effect, FetchHttpClient.RequestInit, {
              ...init,
              ...Option.getOrUndefined(given),
              redirect: "manual"
            })
          ),
          Effect.locally(HttpClient.currentTracerDisabledWhen, constTrue),
          Effect.filterOrFail((response) => !isRedirect(response, request), redirected)
        ))
  )

/**
 * Reads the `RequestInit` in the context of the client's layer: a function that maps requests runs there, and dies
 * before the request is sent.
 */
const initOf = (client: HttpClient.HttpClient): Effect.Effect<RequestInit | undefined> =>
  Effect.suspend(() => {
    let init: RequestInit | undefined
    const probe = HttpClient.mapRequestEffect(client, () =>
      Effect.flatMap(Effect.serviceOption(FetchHttpClient.RequestInit), (found) => {
        init = Option.getOrUndefined(found)
        return Effect.die("no request is sent")
      }))
    return Effect.map(Effect.exit(probe.get("http://localhost")), () =>
      init)
  })

/**
 * Browsers give status 0 for a redirect that was not followed. A redirect was followed if the response has another URL
 * than the request, or is marked as `redirected`.
 */
const isRedirect = (response: HttpClientResponse, asked: HttpClientRequest): boolean => {
  const { request, status } = response
  if (isRedirectStatus(status) || request.url !== asked.url) return true
  const source: unknown = Reflect.get(response, "source")
  return source instanceof Response && source.redirected
}

const redirects = new WeakSet<HttpClientResponse>()

export const wasRedirect = (response: HttpClientResponse): boolean => redirects.has(response)

const redirected = (response: HttpClientResponse): ResponseError => {
  redirects.add(response)
  return new ResponseError({ request: response.request, response, reason: "StatusCode", description: "redirect" })
}
