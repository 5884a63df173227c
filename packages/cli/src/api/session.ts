/** What every command that asks the API has in common: a client, what `--verbose` tells, and how it ends. */
import type { PolloCredits } from "@effect-pollo/client"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import { identity } from "effect/Function"
import { makeRecorder, type Observe } from "./attempts.ts"
import * as credits from "./credits.ts"
import type { Failure, OutputClosed } from "../values/problems.ts"
import { type Reported, reporting } from "../output/report.ts"

export interface SessionFlags extends credits.Access {
  readonly verbose: boolean
}

/** A line on the attempts since it was last asked for, with `--verbose`. */
export type Detail = Effect.Effect<string | undefined>

/** `observe` sees the requests of the client, as `transformClient` does. */
export const session = <R>(
  flags: SessionFlags,
  command: (detail: Detail) => Effect.Effect<void, Failure | OutputClosed, R>,
  observe: Observe = identity
): Effect.Effect<void, Reported, Exclude<R, PolloCredits> | FileSystem.FileSystem> => {
  const recorder = makeRecorder()
  const detail = flags.verbose ? recorder.take : Effect.undefined
  return command(detail).pipe(
    Effect.andThen(detail),
    Effect.flatMap((line) => line === undefined ? Effect.void : Console.error(line)),
    Effect.provide(
      credits.layer(flags, {
        // Without `--verbose` nobody takes what was recorded, and a watch would keep it for as long as it runs.
        transformClient: flags.verbose ? (client) => recorder.transformClient(observe(client)) : observe
      })
    ),
    reporting(detail)
  )
}
