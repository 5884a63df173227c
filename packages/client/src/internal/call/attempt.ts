/**
 * One attempt: send the request, refuse redirects, read a bounded body, and say what came of it.
 *
 * Nothing that leaves this module refers to the request or to the transport's own errors, since both may hold the key.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientError from "effect/http/HttpClientError"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import type * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as HttpTraceContext from "effect/http/HttpTraceContext"
import * as Scope from "effect/Scope"
import type { CreditBalance } from "../../CreditBalance.ts"
import { type PolloError, PolloTransportError } from "../../PolloError.ts"
import { readBody } from "./body.ts"
import * as headers from "./headers.ts"
import { wasRedirect } from "./pinned.ts"
import { attemptObserver } from "./telemetry.ts"
import { tagCode, transportCode } from "./transportCode.ts"
import { interpret, invalid } from "./response.ts"

export interface Transport<E> {
  /** A client whose transport is pinned. */
  readonly client: HttpClient.HttpClient.With<E>
  readonly baseUrl: string
  readonly apiKey: string
  readonly maxBodySize: number
  readonly propagateTrace: boolean
}

/** Builds what all requests share once; the result sends attempt `number` of a call. */
export const make = <E>(transport: Transport<E>): (number: number) => Effect.Effect<CreditBalance, PolloError> => {
  const { apiKey, maxBodySize, propagateTrace } = transport
  const scrub = (text: string) => text.replaceAll(apiKey, "<redacted>")
  const shared = HttpClientRequest.get(`${transport.baseUrl}/credit/balance`, {
    headers: { accept: "application/json", "x-api-key": apiKey }
  })
  const client = HttpClient.withScope(transport.client)
  const observe = attemptObserver(new URL(shared.url), propagateTrace)

  return (number) =>
    observe(number, (attempt) => {
      const trace = attempt.span !== undefined && propagateTrace ? HttpTraceContext.toHeaders(attempt.span) : {}
      return client.execute(HttpClientRequest.setHeaders(shared, trace)).pipe(
        Effect.catch((error) => recover(error, scrub, number)),
        Effect.flatMap((response) => {
          attempt.status = response.status
          return answer(response, { scrub, number, maxBodySize })
        }),
        abortUnlessComplete,
        // A transport or wrapper that dies may quote the request as it does.
        Effect.catchDefect(() => Effect.fail(new PolloTransportError({ attempts: number })))
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
  const head = { status, attempts: number, requestId: requestId === undefined ? undefined : scrub(requestId) }
  if (wasRedirect(response)) return yield* invalid(head, "Redirect")
  const body = yield* Effect.mapError(
    readBody(response, maxBodySize),
    (error) => error._tag === "TooLarge" ? invalid(head, "TooLarge") : transportError(error, scrub, number)
  )
  return yield* Effect.fromResult(interpret({
    ...head,
    body,
    retryAfter: headers.retryAfter(received, yield* Clock.currentTimeMillis),
    scrub
  }))
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
  const code = transportCode(error) ??
    (HttpClientError.isHttpClientError(error) ? error.reason.description : tagCode(error))
  return new PolloTransportError({ attempts, ...(code === undefined || scrub(code) !== code ? undefined : { code }) })
}
