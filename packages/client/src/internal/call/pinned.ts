/**
 * What must hold for every request with a key, whatever a caller wraps around the client.
 *
 * - `fetch` is told not to follow redirects, which would forward the key to another origin.
 * - A redirect, followed or not, is already a failure at this level, so no wrapper can follow it.
 * - The client's own span is off, because it would send trace headers to the vendor.
 * - An error keeps only the code of its cause: a transport may quote the request, and the request holds the key.
 *
 * The effect that yields the request runs inside the client's own context, so that the settings a caller gave to the
 * client's layer (a proxy's dispatcher, say) are kept and only `redirect` is replaced. That is so for a client as its
 * layer made it; a client that was wrapped before it was provided may evaluate the request outside of that context.
 */
import { isRedirectStatus, transportCode } from "@effect-pollo/protocol"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { constTrue } from "effect/Function"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientError from "effect/http/HttpClientError"
import type * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Option from "effect/Option"

export const pinned = (client: HttpClient.HttpClient): HttpClient.HttpClient =>
  HttpClient.makeWith(
    Effect.flatMap((request) =>
      // Also restores the context that `pinFetch` has changed.
      Effect.provideService(client.postprocess(pinFetch(request)), HttpClient.TracerDisabledWhen, constTrue).pipe(
        Effect.matchEffect({
          onFailure: (error) => Effect.fail(withoutCause(error)),
          onSuccess: (response) => {
            if (isRedirect(response, request)) return Effect.fail(redirected(response))
            received.add(response)
            return Effect.succeed(response)
          }
        })
      )
    ),
    client.preprocess
  )

const manual = { redirect: "manual" } as const

/**
 * A workaround. `postprocess` yields the request in the context of the client's own layer, which has the caller's
 * `RequestInit`. Providing another `RequestInit` around `postprocess` would hide the caller's. So the context of the
 * running fiber is changed in place, and `provideService` above restores it.
 */
const pinFetch = (request: HttpClientRequest.HttpClientRequest) =>
  Effect.withFiber<HttpClientRequest.HttpClientRequest>((fiber) => {
    const init = Context.getOrUndefined(fiber.context, FetchHttpClient.RequestInit)
    fiber.setContext(
      Context.add(fiber.context, FetchHttpClient.RequestInit, init === undefined ? manual : { ...init, ...manual })
    )
    return Effect.succeed(request)
  })

const withoutCause = (error: HttpClientError.HttpClientError): HttpClientError.HttpClientError => {
  const { reason } = error
  if (!("cause" in reason) && reason.description === undefined) return error
  const description = transportCode(reason)
  const kept = { request: reason.request, ...(description === undefined ? undefined : { description }) }
  return new HttpClientError.HttpClientError({
    reason: reason._tag === "StatusCodeError"
      ? new HttpClientError.StatusCodeError({ ...kept, response: reason.response })
      : new HttpClientError.TransportError(kept)
  })
}

/**
 * Browsers give status 0 for a redirect that was not followed. A redirect was followed if the response has another URL
 * than the request, or is marked as `redirected`.
 */
const isRedirect = (
  response: HttpClientResponse.HttpClientResponse,
  asked: HttpClientRequest.HttpClientRequest
): boolean => {
  if (isRedirectStatus(response.status) || response.request.url !== asked.url) return true
  const web = HttpClientResponse.toWeb(response)
  return Option.isSome(web) && web.value.redirected
}

const redirects = new WeakSet<HttpClientResponse.HttpClientResponse>()

/** Whether the response in a failure is a redirect that was refused. */
export const wasRedirect = (response: HttpClientResponse.HttpClientResponse): boolean => redirects.has(response)

const redirected = (response: HttpClientResponse.HttpClientResponse) => {
  redirects.add(response)
  return new HttpClientError.HttpClientError({
    reason: new HttpClientError.StatusCodeError({ request: response.request, response, description: "redirect" })
  })
}

const received = new WeakSet<HttpClientResponse.HttpClientResponse>()

/**
 * Whether a response is the transport's own. A wrapper may replace the response, to change its body or to observe how
 * it is read; such a response is read only through its public interface.
 */
export const isOriginal = (response: HttpClientResponse.HttpClientResponse): boolean =>
  received.has(response) && !Object.hasOwn(response, "stream")
