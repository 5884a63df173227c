/**
 * One attempt: send the request, refuse redirects, read a bounded body, and say what came of it.
 *
 * Nothing that leaves this module refers to the request or to the transport's own errors, since both may hold the key.
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { constTrue } from "effect/Function"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientError from "effect/http/HttpClientError"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import type * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as HttpTraceContext from "effect/http/HttpTraceContext"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { CreditBalance } from "../CreditBalance.ts"
import { type PolloError, PolloInvalidResponse, PolloTransportError } from "../PolloError.ts"
import * as headers from "./headers.ts"
import { attemptObserver } from "./telemetry.ts"
import { interpret } from "./wire.ts"

export interface Transport<E> {
  /** The client to send through, given the transport's own with its redirects and spans pinned. */
  readonly wrap: (pinned: HttpClient.HttpClient) => HttpClient.HttpClient.With<E>
  readonly client: HttpClient.HttpClient
  readonly baseUrl: string
  readonly apiKey: string
  readonly maxBodySize: number
  readonly propagateTrace: boolean
}

/** Builds the request and the client once; the result sends attempt `number` of a call. */
export const make = <E>(transport: Transport<E>): (number: number) => Effect.Effect<CreditBalance, PolloError> => {
  const { apiKey } = transport
  const scrub = (text: string) => text.replaceAll(apiKey, "<redacted>")
  const request = HttpClientRequest.get(`${transport.baseUrl}/credit/balance`, {
    headers: { accept: "application/json", "x-api-key": apiKey }
  })
  const url = new URL(request.url)
  const client = HttpClient.withScope(transport.wrap(pinRequestSettings(transport.client)))
  const observe = attemptObserver(url, transport.propagateTrace)

  return (number) =>
    observe(number, (attempt) => {
      const traced = attempt.span !== undefined && transport.propagateTrace
        ? HttpClientRequest.setHeaders(request, HttpTraceContext.toHeaders(attempt.span))
        : request
      return client.execute(traced).pipe(
        Effect.catch((error) => recover(error, scrub, number)),
        Effect.flatMap((response) => {
          attempt.status = response.status
          return answer(response, { scrub, number, maxBodySize: transport.maxBodySize })
        }),
        abortUnlessComplete
      )
    })
}

/**
 * Closing the scope of a request aborts what is still under way, on every kind of client: the socket closes. After a
 * complete answer nothing is, and an abort would cost an exception for each call.
 */
const abortUnlessComplete = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, Exclude<R, Scope.Scope>> =>
  Effect.suspend(() => {
    const scope = Scope.makeUnsafe()
    return Effect.onError(Effect.provideService(self, Scope.Scope, scope), () => Scope.close(scope, Exit.void))
  })

/**
 * Holds, below everything a caller can wrap around the client, what must be true of a request with a key.
 *
 * - `fetch` is told not to follow redirects, which would forward the key to another origin.
 * - A redirect, followed or not, is a failure here already, so no wrapper gets to follow it.
 * - The client's own span is off: it would keep the raw transport error and send trace headers to the vendor.
 *
 * The effect that yields the request runs inside the client's own context, so settings that a caller gave to the
 * client's layer (a proxy's dispatcher, say) are kept. Providing the scope of the attempt restores the context after it.
 */
const pinRequestSettings = (client: HttpClient.HttpClient): HttpClient.HttpClient =>
  HttpClient.makeWith(
    Effect.flatMap((request) =>
      Effect.flatMap(
        client.postprocess(Effect.as(pin, request)),
        (response) => isRedirect(response, request) ? Effect.fail(redirected(response)) : Effect.succeed(response)
      )
    ),
    client.preprocess
  )

const pin = Effect.withFiber<void>((fiber) => {
  const init = Context.getOrUndefined(fiber.context, FetchHttpClient.RequestInit)
  fiber.setContext(
    fiber.context.pipe(
      Context.add(FetchHttpClient.RequestInit, { ...init, redirect: "manual" }),
      Context.add(HttpClient.TracerDisabledWhen, constTrue)
    )
  )
  return Effect.void
})

/** Browsers give status 0 for a redirect that was not followed. Another URL than was asked means one that was. */
const isRedirect = (
  response: HttpClientResponse.HttpClientResponse,
  asked: HttpClientRequest.HttpClientRequest
): boolean => {
  const { status } = response
  if (status === 0 || (status >= 300 && status < 400 && status !== 304)) return true
  const url = Option.getOrUndefined(HttpClientRequest.toUrl(asked))
  return url !== undefined && URL.canParse(response.url) && new URL(response.url).href !== withoutHash(url)
}

const withoutHash = (url: URL): string => url.href.slice(0, url.href.length - url.hash.length)

const redirected = (response: HttpClientResponse.HttpClientResponse) =>
  new HttpClientError.HttpClientError({
    reason: new HttpClientError.StatusCodeError({ request: response.request, response, description: "redirect" })
  })

interface Reading {
  readonly scrub: (text: string) => string
  readonly number: number
  readonly maxBodySize: number
}

const answer = Effect.fnUntraced(function*(
  response: HttpClientResponse.HttpClientResponse,
  { maxBodySize, number, scrub }: Reading
): Effect.fn.Return<CreditBalance, PolloError> {
  const { headers: received, status } = response
  const requestId = headers.requestId(received)
  const invalid = (reason: PolloInvalidResponse["reason"]) =>
    new PolloInvalidResponse({
      reason,
      status,
      attempts: number,
      ...(requestId === undefined ? undefined : { requestId: scrub(requestId) })
    })

  if (isRedirect(response, response.request)) return yield* invalid("Redirect")
  const body = yield* readBody(response, maxBodySize).pipe(
    Effect.mapError((error) => error === tooLarge ? invalid("TooLarge") : transportError(error, scrub, number))
  )
  return yield* Effect.fromResult(interpret({
    status,
    body,
    requestId,
    retryAfter: headers.retryAfter(received, yield* Clock.currentTimeMillis),
    attempts: number,
    scrub
  }))
})

const tooLarge = Symbol("tooLarge")

/** Counts the bytes as they arrive and stops at the limit; a declared length proves nothing. */
const readBody = (
  response: HttpClientResponse.HttpClientResponse,
  maxBodySize: number
): Effect.Effect<string, unknown> =>
  Effect.suspend(() => {
    const decoder = new TextDecoder()
    let size = 0
    let text = ""
    return Stream.runForEachArray(response.stream, (chunks): Effect.Effect<void, typeof tooLarge> => {
      for (const chunk of chunks) {
        size += chunk.byteLength
        if (size > maxBodySize) return Effect.fail(tooLarge)
        text += decoder.decode(chunk, { stream: true })
      }
      return Effect.void
    }).pipe(
      Effect.map(() => text + decoder.decode()),
      Effect.catch((error): Effect.Effect<string, unknown> =>
        HttpClientError.isHttpClientError(error) && error.reason._tag === "EmptyBodyError"
          ? Effect.succeed("")
          : Effect.fail(error)
      )
    )
  })

/** A `transformClient` may have turned a status into a failure; the response in it still says what happened. */
const recover = (
  error: unknown,
  scrub: (text: string) => string,
  number: number
): Effect.Effect<HttpClientResponse.HttpClientResponse, PolloError> =>
  HttpClientError.isHttpClientError(error) && error.reason._tag === "StatusCodeError"
    ? Effect.succeed(error.reason.response)
    : Effect.fail(transportError(error, scrub, number))

const transportError = (error: unknown, scrub: (text: string) => string, attempts: number): PolloTransportError => {
  const code = HttpClientError.isHttpClientError(error) ? transportCode(error) : transportCode(error) ?? tagOf(error)
  return new PolloTransportError({ attempts, ...(code === undefined || scrub(code) !== code ? undefined : { code }) })
}

/** A wrapper's own failure, such as an open circuit breaker, is known by its tag. */
const tagOf = (error: unknown): string | undefined =>
  Predicate.hasProperty(error, "_tag") && Predicate.isString(error._tag) && codeForm.test(error._tag)
    ? error._tag
    : undefined

const codeForm = /^\w{1,64}$/

/** The deepest code in the chain of causes: what the operating system or the TLS library called it. */
const transportCode = (error: unknown): string | undefined => {
  let code: string | undefined
  let current = error
  for (let depth = 0; depth < 8 && Predicate.isObjectOrArray(current); depth++) {
    const own = Predicate.hasProperty(current, "code") ? current.code : undefined
    if (Predicate.isString(own) && codeForm.test(own)) code = own
    if (Predicate.hasProperty(current, "reason") && Predicate.isObject(current.reason)) current = current.reason
    else if (Predicate.hasProperty(current, "errors") && Array.isArray(current.errors)) current = current.errors[0]
    else current = Predicate.hasProperty(current, "cause") ? current.cause : undefined
  }
  return code
}
