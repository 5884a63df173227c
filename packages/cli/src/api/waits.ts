/**
 * Shows "retrying in 2s (503)…" while a call waits for its next attempt, and removes the line when the answer comes.
 *
 * The client does not report its waits. But it sleeps on the `Clock`, so this module gives it a clock that reports each
 * sleep between two attempts. An attempt has ended when its body has ended; a sleep before that is a timeout.
 */
import { PolloCredits } from "@effect-pollo/client"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import type * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Stream from "effect/Stream"
import type { Observe } from "./attempts.ts"

/** Shows a line in place of the last one, or removes it for `undefined`. */
export type Show = (line: string | undefined) => Effect.Effect<void>

export interface Waits {
  readonly transformClient: Observe
  /** The same service, with its waits shown. */
  readonly telling: (credits: PolloCredits["Service"]) => PolloCredits["Service"]
  /** Where the waits of this run are shown from now on. */
  readonly showOn: (show: Show) => Effect.Effect<void>
}

export const makeWaits = (initial: Show): Waits => {
  let show = initial
  let shown = false
  /** What came of the last attempt, once it has ended. */
  let outcome: string | undefined
  const ended = (what: string) =>
    Effect.sync(() => {
      outcome = what
    })
  const gone = Effect.suspend(() => {
    if (!shown) return Effect.void
    shown = false
    return show(undefined)
  })

  const told = (clock: Clock.Clock): Clock.Clock => ({
    currentTimeMillisUnsafe: () => clock.currentTimeMillisUnsafe(),
    currentTimeMillis: clock.currentTimeMillis,
    currentTimeNanosUnsafe: () => clock.currentTimeNanosUnsafe(),
    currentTimeNanos: clock.currentTimeNanos,
    monotonicTimeNanosUnsafe: () => clock.monotonicTimeNanosUnsafe(),
    monotonicTimeNanos: clock.monotonicTimeNanos,
    sleep: (duration) =>
      Effect.suspend(() => {
        if (outcome === undefined) return clock.sleep(duration)
        shown = true
        return Effect.andThen(show(`retrying in ${wait(duration)} (${outcome})…`), clock.sleep(duration))
      })
  })

  return {
    transformClient: HttpClient.transform((send) =>
      Effect.suspend(() => {
        outcome = undefined
        return Effect.map(
          Effect.onError(send, (cause) => ended(Cause.hasInterrupts(cause) ? "no answer" : "no connection")),
          (response) => untilItsEnd(response, ended(String(response.status)))
        )
      })
    ),
    telling: (credits) =>
      PolloCredits.of({
        getBalance: Effect.flatMap(Clock.Clock, (clock) =>
          credits.getBalance.pipe(Effect.provideService(Clock.Clock, told(clock)), Effect.ensuring(gone)))
      }),
    showOn: (next) =>
      Effect.sync(() => {
        show = next
      })
  }
}

const untilItsEnd = (
  response: HttpClientResponse.HttpClientResponse,
  ended: Effect.Effect<void>
): HttpClientResponse.HttpClientResponse =>
  Object.create(response, { stream: { value: Stream.onExit(response.stream, () => ended) } })

/** In whole seconds, or in tenths below one second: there is no time to read more digits. */
const wait = (duration: Duration.Duration): string => {
  const seconds = Duration.toMillis(duration) / 1000
  return seconds < 1 ? `${seconds.toFixed(1)}s` : Duration.format(Duration.seconds(Math.round(seconds)))
}
