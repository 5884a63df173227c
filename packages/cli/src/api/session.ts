/** What every command that asks the API has in common: a client, what `--verbose` tells, and how it ends. */
import type { PolloCredits } from "@effect-pollo/client"
import * as Effect from "effect/Effect"
import { identity } from "effect/Function"
import type * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import { say, Secrets } from "../output/print.ts"
import { endWith, type Reported, reporting } from "../output/report.ts"
import type { Failure, OutputClosed } from "../values/problems.ts"
import { access, type AccessFlags } from "./access.ts"
import { makeRecorder, type Observe } from "./attempts.ts"

export interface SessionFlags extends AccessFlags {
  readonly verbose: boolean
}

/** A line on the attempts since it was last asked for, with `--verbose`. */
export type Detail = Effect.Effect<string | undefined>

/** `observe` sees the requests of the client, as `transformClient` does. */
export const session = <R>(
  flags: SessionFlags,
  command: (detail: Detail) => Effect.Effect<void, Failure | OutputClosed, R>,
  observe: Observe = identity
): Effect.Effect<void, Reported, Exclude<R, PolloCredits | HttpClient.HttpClient>> => {
  const recorder = makeRecorder()
  const detail = flags.verbose ? recorder.take : Effect.undefined
  return access(flags).pipe(
    Effect.catch((failure) => endWith(failure)),
    Effect.flatMap(({ client, secrets, setup, transport }) =>
      command(detail).pipe(
        Effect.andThen(detail),
        Effect.flatMap((line) => line === undefined ? Effect.void : say(line)),
        Effect.provide(
          Layer.provideMerge(
            client({
              // Without `--verbose` nobody takes what was recorded, and a watch would keep it for as long as it runs.
              transformClient: flags.verbose ? (client) => recorder.transformClient(observe(client)) : observe
            }),
            transport
          )
        ),
        reporting(detail, setup),
        Effect.provideService(Secrets, secrets)
      )
    )
  )
}
