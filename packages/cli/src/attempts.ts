/** Keeps what was sent and what came of it, for `--verbose`: the client's errors carry the outcome alone. */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as HttpClient from "effect/http/HttpClient"
import type * as HttpClientError from "effect/http/HttpClientError"
import type * as HttpClientResponse from "effect/http/HttpClientResponse"
import { printable } from "./figures.ts"

interface Attempt {
  readonly url: string
  readonly startedAt: number
  readonly endedAt: number
  readonly outcome: string
  readonly requestId: string | undefined
}

/** A `transformClient` that sees requests and answers and changes nothing. */
export type Observe = (client: HttpClient.HttpClient) => HttpClient.HttpClient

export interface Recorder {
  readonly transformClient: Observe
  /** One line on the attempts since it was last asked for, or nothing when none was made. */
  readonly take: Effect.Effect<string | undefined>
}

export const makeRecorder = (): Recorder => {
  let attempts: Array<Attempt> = []
  return {
    transformClient: HttpClient.transform((send, request) =>
      Effect.gen(function*() {
        const startedAt = yield* Clock.currentTimeMillis
        return yield* Effect.onExit(send, (exit) =>
          Effect.map(Clock.currentTimeMillis, (endedAt) => {
            const id = Exit.isSuccess(exit) ? exit.value.headers["x-request-id"] : undefined
            attempts.push({
              url: request.url,
              startedAt,
              endedAt,
              outcome: outcomeOf(exit),
              requestId: id?.replaceAll(request.headers["x-api-key"] ?? id, "<redacted>")
            })
          }))
      })
    ),
    take: Effect.sync(() => {
      const taken = attempts
      attempts = []
      return summary(taken)
    })
  }
}

const outcomeOf = (
  exit: Exit.Exit<HttpClientResponse.HttpClientResponse, HttpClientError.HttpClientError>
): string => {
  if (Exit.isSuccess(exit)) return String(exit.value.status)
  return Exit.hasInterrupts(exit) ? "no answer" : "no connection"
}

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
  return `${attempts.length === 1 ? "1 attempt" : `${attempts.length} attempts`}, GET ${printable(first.url)}: ${
    steps.join(", ")
  }; request id ${id === undefined ? "not sent" : printable(id)}`
}
