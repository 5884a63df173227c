/**
 * Records the answer to a call below the client, which reads it leniently.
 *
 * The client still sends the request: it checks key and address, refuses redirects, and limits time and size as in any
 * program.
 */
import { type Scrub, scrubber } from "@effect-pollo/protocol"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import type * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Predicate from "effect/Predicate"
import * as Stream from "effect/Stream"
import type { Observe } from "../api/attempts.ts"

export interface Exchange {
  readonly url: string
  readonly status: number
  /** The headers, without the key if the server has quoted it. */
  readonly headers: Readonly<Record<string, string>>
  /** From sending the request to the headers of the answer. */
  readonly latencyMillis: number
  /** The part of the body that has arrived. */
  readonly chunks: ReadonlyArray<Uint8Array>
  /** Whether the body stopped because the HTTP parser could not read its framing. */
  readonly misframed: boolean
  /** Takes the key out of text that the server sent. */
  readonly scrub: Scrub
}

export interface Observer {
  readonly transformClient: Observe
  readonly exchange: Effect.Effect<Exchange | undefined>
}

export const makeObserver = (): Observer => {
  let exchange: Exchange | undefined
  return {
    exchange: Effect.sync(() => exchange),
    transformClient: HttpClient.transform((send, request) =>
      Effect.gen(function*() {
        const started = yield* Clock.monotonicTimeNanos
        const key = request.headers["x-api-key"] ?? ""
        const scrub = scrubber(key)
        const chunks: Array<Uint8Array> = []
        const note = (response: HttpClientResponse.HttpClientResponse) =>
          Effect.map(Clock.monotonicTimeNanos, (now) => {
            exchange = {
              url: request.url,
              status: response.status,
              headers: Object.fromEntries(
                Object.entries(response.headers).map(([name, value]) => [scrub(name), scrub(value)])
              ),
              latencyMillis: Number(now - started) / 1e6,
              chunks,
              misframed: false,
              scrub
            }
          })
        return yield* send.pipe(
          Effect.tapError((error) =>
            error.reason._tag === "StatusCodeError" ? note(error.reason.response) : Effect.void
          ),
          Effect.tap(note),
          Effect.map((response): HttpClientResponse.HttpClientResponse =>
            Object.create(response, {
              stream: {
                value: response.stream.pipe(
                  Stream.tap((chunk) => Effect.sync(() => chunks.push(chunk))),
                  Stream.tapError((error) =>
                    Effect.sync(() => {
                      if (exchange !== undefined) {
                        exchange = { ...exchange, misframed: isParserError(error.reason.cause) }
                      }
                    })
                  )
                )
              }
            })
          )
        )
      })
    )
  }
}

/**
 * Node's fetch reports malformed framing by the name of a cause, because its code is often undefined. An end of file in
 * the middle of a chunk has that name too, but it means a broken connection.
 */
const isParserError = (error: unknown): boolean => {
  let current = error
  for (let depth = 0; depth < 8 && Predicate.isObject(current); depth++) {
    if (Predicate.hasProperty(current, "name") && current.name === "HTTPParserError") {
      return !String(Predicate.hasProperty(current, "message") ? current.message : "").includes("Invalid EOF state")
    }
    current = Predicate.hasProperty(current, "cause") ? current.cause : undefined
  }
  return false
}
