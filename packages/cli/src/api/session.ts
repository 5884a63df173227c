/**
 * What all commands that call the API have in common: a client, the output of `--verbose`, and the handling of
 * failures.
 */
import { PolloCredits } from "@effect-pollo/client"
import { flow, identity } from "effect/Function"
import { TerminalCapabilities } from "effect/cli/TerminalCapabilities"
import * as Effect from "effect/Effect"
import type * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import { canDrawOnStderr, drawOnStderr, say, Scrubbing } from "../output/print.ts"
import { endWith, type Reported, reporting } from "../output/report.ts"
import type { Failure, OutputClosed } from "../values/problems.ts"
import { access, type AccessFlags } from "./access.ts"
import { makeRecorder, type Observe } from "./attempts.ts"
import { makeWaits, type Show } from "./waits.ts"

export interface SessionFlags extends AccessFlags {
  readonly verbose: boolean
}

export interface Session {
  /** With `--verbose`, a line about the attempts since the last `detail`. */
  readonly detail: Effect.Effect<string | undefined>
  /** Shows the waits between attempts with `show` instead of on standard error. */
  readonly showWaitsOn: (show: Show) => Effect.Effect<void>
}

/** Runs a command with a client. `observe` sees the requests of that client, as `transformClient` does. */
export const session = <R>(
  flags: SessionFlags,
  command: (session: Session) => Effect.Effect<void, Failure | OutputClosed, R>,
  observe: Observe = identity
): Effect.Effect<void, Reported, Exclude<R, PolloCredits | HttpClient.HttpClient>> =>
  Effect.gen(function*() {
    const recorder = makeRecorder()
    const detail = flags.verbose ? recorder.take : Effect.undefined
    const onStderr = yield* canDrawOnStderr
    const waits = makeWaits(onStderr ? drawOnStderr : () => Effect.void)
    const isWatched = onStderr || (yield* TerminalCapabilities).canAnimate
    const { client, scrub, setup, transport } = yield* access(flags).pipe(
      Effect.catch((failure) => endWith(failure))
    )
    // Without `--verbose` nothing is recorded, because a watch would collect the records for as long as it runs.
    const seen = flags.verbose ? flow(observe, recorder.transformClient) : observe
    const credits = isWatched
      ? Layer.effect(PolloCredits)(Effect.map(PolloCredits, waits.telling)).pipe(
        Layer.provide(client({ transformClient: flow(seen, waits.transformClient) }))
      )
      : client({ transformClient: seen })
    return yield* command({ detail, showWaitsOn: waits.showOn }).pipe(
      Effect.andThen(detail),
      Effect.flatMap((line) => line === undefined ? Effect.void : say(line)),
      Effect.provide(Layer.provideMerge(credits, transport)),
      reporting(detail, setup),
      Effect.provideService(Scrubbing, scrub)
    )
  })
