/**
 * Records the attempts and how each ended, for `--verbose`: an error of the client has only the outcome of the call.
 */
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as HttpClient from "effect/http/HttpClient"
import type * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Stream from "effect/Stream"
import { printable } from "../values/figures.ts"
import { shownAddress } from "../values/secrets.ts"

interface Attempt {
  readonly url: string
  readonly startedAt: number
  /** When the headers arrived, and later when the body ended. */
  endedAt: number
  outcome: string
  readonly requestId: string | undefined
}

/** A `transformClient` that sees requests and answers and changes nothing. */
export type Observe = (client: HttpClient.HttpClient) => HttpClient.HttpClient

export interface Recorder {
  readonly transformClient: Observe
  /** One line about the attempts since the last `take`, or `undefined` if no attempt was made. */
  readonly take: Effect.Effect<string | undefined>
}

export const makeRecorder = (): Recorder => {
  let attempts: Array<Attempt> = []
  return {
    transformClient: HttpClient.transform((send, request) =>
      Effect.gen(function*() {
        const startedAt = yield* Clock.currentTimeMillis
        const note = Effect.fnUntraced(function*(outcome: string, id?: string) {
          const attempt: Attempt = {
            url: request.url,
            startedAt,
            endedAt: yield* Clock.currentTimeMillis,
            outcome,
            requestId: id
          }
          attempts.push(attempt)
          return attempt
        })
        const response = yield* Effect.onError(
          send,
          (cause) => note(Cause.hasInterrupts(cause) ? "no answer" : "no connection")
        )
        const attempt = yield* note(String(response.status), response.headers["x-request-id"])
        return withBody(response, attempt)
      })
    ),
    take: Effect.sync(() => {
      const taken = attempts
      attempts = []
      return summary(taken)
    })
  }
}

/** An answer is not complete with its headers: the attempt lasts until the body ends, breaks or is given up. */
const withBody = (
  response: HttpClientResponse.HttpClientResponse,
  attempt: Attempt
): HttpClientResponse.HttpClientResponse =>
  Object.create(response, {
    stream: {
      value: response.stream.pipe(
        Stream.tapError(({ reason }) =>
          Effect.sync(() => {
            if (reason._tag !== "EmptyBodyError") attempt.outcome = `${response.status}, then broken`
          })
        ),
        Stream.onExit((exit) =>
          Effect.map(Clock.currentTimeMillis, (now) => {
            attempt.endedAt = now
            if (Exit.hasInterrupts(exit)) attempt.outcome = `${response.status}, then no end`
          })
        )
      )
    }
  })

const millis = (duration: number): string => Duration.format(Duration.millis(Math.round(duration)))

const summary = (attempts: ReadonlyArray<Attempt>): string | undefined => {
  const [first] = attempts
  if (first === undefined) return undefined
  const steps = attempts.map(({ endedAt, outcome, startedAt }, index) => {
    const before = attempts[index - 1]
    const wait = before === undefined ? "" : `waited ${millis(startedAt - before.endedAt)}, `
    return `${wait}${outcome} after ${millis(endedAt - startedAt)}`
  })
  const id = attempts.findLast(({ requestId }) => requestId !== undefined)?.requestId
  return `${attempts.length === 1 ? "1 attempt" : `${attempts.length} attempts`}, GET ${
    printable(shownAddress(first.url))
  }: ${steps.join(", ")}; request id ${id === undefined ? "not sent" : printable(id)}`
}
