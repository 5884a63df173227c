/**
 * What must be true of every request with a key, below all that a caller can wrap around the client.
 *
 * - `fetch` is told not to follow redirects, which would forward the key to another origin.
 * - A redirect, followed or not, is a failure here already, so no wrapper gets to follow it.
 * - The client's own span is off: it would send trace headers to the vendor.
 * - An error keeps only the code of its cause: a transport may quote the request, and the request has the key.
 *
 * The effect that yields the request runs inside the client's own context, so that the settings a caller gave to the
 * client's layer (a proxy's dispatcher, say) are kept and only `redirect` is replaced. That holds for a client as its
 * layer made it; one that was wrapped before it was provided may evaluate the request outside of that context.
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
 * A workaround. `postprocess` yields the request in the context of the client's own layer, where the caller's
 * `RequestInit` is; a service that is provided around it would hide that one. So the context of the running fiber is
 * changed in place, and `provideService` above puts it back.
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
 * Browsers give status 0 for a redirect that was not followed. Another request than was asked, or a mark, means one
 * that was.
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

/** Whether a response that came with a failure is the redirect it failed for. */
export const wasRedirect = (response: HttpClientResponse.HttpClientResponse): boolean => redirects.has(response)

const redirected = (response: HttpClientResponse.HttpClientResponse) => {
  redirects.add(response)
  return new HttpClientError.HttpClientError({
    reason: new HttpClientError.StatusCodeError({ request: response.request, response, description: "redirect" })
  })
}

const received = new WeakSet<HttpClientResponse.HttpClientResponse>()

/**
 * Whether a response is the transport's own. One that a wrapper put in its place may have another body, or watch it
 * being read, so it is read as it shows itself.
 */
export const isOriginal = (response: HttpClientResponse.HttpClientResponse): boolean =>
  received.has(response) && !Object.hasOwn(response, "stream")
