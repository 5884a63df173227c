/**
 * One attempt: send the request, refuse redirects, read a bounded body, and turn the answer into a balance or an error.
 *
 * Nothing that leaves this module refers to the request or to the transport's own errors, since both may hold the key.
 */
import {
  balancePath,
  type Head,
  invalid,
  requestHeaders,
  type Scrub,
  scrubber,
  tagCode,
  transportCode,
  verdictOfBody,
  verdictOfHead
} from "@effect-pollo/protocol"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientError from "effect/http/HttpClientError"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import type * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as HttpTraceContext from "effect/http/HttpTraceContext"
import * as Scope from "effect/Scope"
import { CreditBalance } from "../../CreditBalance.ts"
import { type PolloError, PolloTransportError } from "../../PolloError.ts"
import { version } from "./version.ts"
import { readBody } from "./body.ts"
import { headersOf } from "./headers.ts"
import { wasRedirect } from "./pinned.ts"
import { toError } from "./response.ts"
import { attemptObserver } from "./telemetry.ts"

export interface Transport<E> {
  /** A client whose transport is pinned. */
  readonly client: HttpClient.HttpClient.With<E>
  readonly baseUrl: string
  readonly apiKey: string
  readonly maxBodySize: number
  readonly propagateTrace: boolean
}

/**
 * Attempt `number` of a call. For a status other than 200, `decided` is called with the error before the body arrives.
 * The body can only add a message, so if a timeout ends the attempt during the body, the error is already known.
 */
export type Attempt = (
  number: number,
  decided: (error: PolloError) => void
) => Effect.Effect<CreditBalance, PolloError>

/** Builds once what all requests share. */
export const make = <E>(transport: Transport<E>): Attempt => {
  const { apiKey, maxBodySize, propagateTrace } = transport
  const scrub = scrubber(apiKey)
  const shared = HttpClientRequest.get(`${transport.baseUrl}${balancePath}`, {
    headers: requestHeaders(apiKey, version)
  })
  const client = HttpClient.withScope(transport.client)
  const observe = attemptObserver(new URL(shared.url), propagateTrace)

  return (number, decided) =>
    observe(number, (observed) => {
      let known: PolloError | undefined
      const proceed = (response: HttpClientResponse.HttpClientResponse) => {
        observed.status = response.status
        return read(response, { scrub, number, maxBodySize }, (error) => {
          known = error
          decided(error)
        })
      }
      const trace = observed.span !== undefined && propagateTrace
        ? HttpTraceContext.toHeaders(observed.span)
        : undefined
      // Each attempt has a request object of its own: the client tells attempts apart by identity.
      const request = trace === undefined
        ? HttpClientRequest.setMethod(shared, "GET")
        : HttpClientRequest.setHeaders(shared, trace)
      const scope = Scope.makeUnsafe()
      return Effect.provideService(client.execute(request), Scope.Scope, scope).pipe(
        Effect.matchEffect({
          // A `transformClient` may have turned a status into a failure; the response in it still says what happened.
          onFailure: (error) =>
            HttpClientError.isHttpClientError(error) && error.reason._tag === "StatusCodeError"
              ? proceed(error.reason.response)
              : Effect.fail(transportError(error, scrub, number)),
          onSuccess: proceed
        }),
        // Closing the scope of a request aborts it on every kind of client: the socket closes. After a complete answer
        // there is nothing to abort, and the abort would only cost an exception for each call.
        Effect.onError(() => Scope.close(scope, Exit.void)),
        // The defect of a transport or a wrapper may quote the request.
        Effect.catchDefect(() => Effect.fail(known ?? new PolloTransportError({ attempts: number })))
      )
    })
}

interface Reading {
  readonly scrub: Scrub
  readonly number: number
  readonly maxBodySize: number
}

const read = (
  response: HttpClientResponse.HttpClientResponse,
  { maxBodySize, number, scrub }: Reading,
  decided: (error: PolloError) => void
): Effect.Effect<CreditBalance, PolloError> =>
  Effect.withFiber((fiber) => {
    const head: Head = {
      status: response.status,
      header: headersOf(response),
      redirect: wasRedirect(response),
      nowMillis: fiber.getRef(Clock.Clock).currentTimeMillisUnsafe()
    }
    const early = verdictOfHead(head, scrub)
    const known = early === undefined ? undefined : toError(early.problem, number)
    if (known !== undefined) {
      if (early?.worded !== true) return Effect.fail(known)
      decided(known)
    }
    return Effect.matchEffect(readBody(response, maxBodySize), {
      onFailure: (error) =>
        Effect.fail(
          known ??
            (error._tag === "TooLarge"
              ? toError(invalid(head, "TooLarge", scrub), number)
              : transportError(error, scrub, number))
        ),
      onSuccess: (body) => {
        const verdict = verdictOfBody(head, body, scrub)
        return verdict._tag === "Balance"
          ? Effect.succeed(new CreditBalance(verdict))
          : Effect.fail(toError(verdict, number))
      }
    })
  })

const transportError = (error: unknown, scrub: Scrub, attempts: number): PolloTransportError => {
  const code = transportCode(error) ??
    (HttpClientError.isHttpClientError(error) ? error.reason.description : tagCode(error))
  return new PolloTransportError({ attempts, ...(code === undefined || scrub(code) !== code ? undefined : { code }) })
}
