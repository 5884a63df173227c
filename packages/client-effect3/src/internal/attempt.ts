/** One attempt. Its result never refers to the request or to an error of the transport, because both hold the key. */
import * as HttpClient from "@effect/platform/HttpClient"
import { isHttpClientError } from "@effect/platform/HttpClientError"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type { HttpClientResponse } from "@effect/platform/HttpClientResponse"
import * as HttpTraceContext from "@effect/platform/HttpTraceContext"
import {
  balancePath,
  errorBodyMillis,
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
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { CreditBalance } from "../CreditBalance.ts"
import { type PolloError, PolloTransportError } from "../PolloError.ts"
import { toError } from "./errors.ts"
import { wasRedirect } from "./pinned.ts"
import { attemptObserver } from "./telemetry.ts"
import { version } from "./version.ts"

export interface Transport {
  /** The client, after `pin`. */
  readonly client: HttpClient.HttpClient.With<unknown>
  readonly baseUrl: string
  readonly apiKey: string
  readonly maxBodySize: number
  readonly propagateTrace: boolean
}

/**
 * For a status other than 200, `decided` is called with the error before the body arrives. If a timeout ends the
 * attempt during the body, the error is then already known.
 */
export type Attempt = (
  number: number,
  decided: (error: PolloError) => void
) => Effect.Effect<CreditBalance, PolloError>

export const make = (transport: Transport): Attempt => {
  const { apiKey, maxBodySize, propagateTrace } = transport
  const scrub = scrubber(apiKey)
  const url = `${transport.baseUrl}${balancePath}`
  const shared = HttpClientRequest.get(url, {
    headers: requestHeaders(apiKey, version)
  })
  const client = HttpClient.withScope(transport.client)
  const observe = attemptObserver(new URL(url))

  return (number, decided) =>
    observe(number, (observed) => {
      const proceed = (response: HttpClientResponse) => {
        observed.status = response.status
        return read(response, { decided, maxBodySize, number, scrub })
      }
      // Each attempt has a request object of its own, because `withScope` finds the way to abort a request by its
      // identity.
      const request = HttpClientRequest.setHeaders(
        shared,
        propagateTrace ? HttpTraceContext.toHeaders(observed.span) : {}
      )
      return client.execute(request).pipe(
        Effect.matchEffect({
          // A `transformClient` may have turned a status into a failure; the response in it still says what happened.
          onFailure: (error) =>
            isHttpClientError(error) && error._tag === "ResponseError" && error.reason === "StatusCode"
              ? proceed(error.response)
              : Effect.fail(transportError(error, scrub, number)),
          onSuccess: proceed
        }),
        Effect.scoped,
        // A defect may quote the request.
        Effect.catchAllDefect(() => Effect.fail(new PolloTransportError({ attempts: number })))
      )
    })
}

interface Reading {
  readonly scrub: Scrub
  readonly number: number
  readonly maxBodySize: number
  readonly decided: (error: PolloError) => void
}

const read = (response: HttpClientResponse, { decided, maxBodySize, number, scrub }: Reading) =>
  Effect.flatMap(Clock.currentTimeMillis, (nowMillis): Effect.Effect<CreditBalance, PolloError> => {
    const { headers, status } = response
    const head: Head = { status, header: (name) => headers[name], redirect: wasRedirect(response), nowMillis }
    const judged = Effect.flatMap(bodyOf(response, maxBodySize), (body) => {
      const verdict = verdictOfBody(head, body, scrub)
      return verdict._tag === "Balance"
        ? Effect.succeed(new CreditBalance(verdict))
        : Effect.fail(toError(verdict, number))
    })
    const early = verdictOfHead(head, scrub)
    if (early === undefined) {
      return Effect.catchAll(judged, (error) => {
        if (error instanceof TooLarge) return Effect.fail(toError(invalid(head, "TooLarge", scrub), number))
        return Effect.fail(error instanceof Unread ? transportError(error.cause, scrub, number) : error)
      })
    }
    const known = toError(early.problem, number)
    if (!early.worded) return Effect.fail(known)
    decided(known)
    return judged.pipe(
      Effect.disconnect,
      Effect.timeoutFail({ duration: errorBodyMillis, onTimeout: () => known }),
      Effect.mapError((error) => error instanceof TooLarge || error instanceof Unread ? known : error),
      Effect.catchAllDefect(() => Effect.fail(known))
    )
  })

class TooLarge extends Data.TaggedError("TooLarge") {}
class Unread extends Data.TaggedError("Unread")<{ readonly cause: unknown }> {}

/** A body as text. Counts the bytes as they arrive and stops at the limit. */
const bodyOf = (response: HttpClientResponse, maxBodySize: number): Effect.Effect<string, TooLarge | Unread> =>
  Effect.suspend(() => {
    const decoder = new TextDecoder()
    let size = 0
    let text = ""
    return Stream.runForEach(response.stream, (chunk) => {
      size += chunk.byteLength
      if (size > maxBodySize) return Effect.fail(new TooLarge())
      text += decoder.decode(chunk, { stream: true })
      return Effect.void
    }).pipe(
      Effect.map(() => text + decoder.decode()),
      Effect.catchTag(
        "ResponseError",
        (error): Effect.Effect<string, Unread> =>
          error.reason === "EmptyBody" ? Effect.succeed("") : Effect.fail(new Unread({ cause: error }))
      )
    )
  })

const transportError = (error: unknown, scrub: Scrub, attempts: number): PolloTransportError => {
  const code = transportCode(error) ?? (isHttpClientError(error) ? undefined : tagCode(error))
  return new PolloTransportError({ attempts, ...(code === undefined || scrub(code) !== code ? undefined : { code }) })
}
