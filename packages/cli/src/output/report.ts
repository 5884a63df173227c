/** How a command ends: its failure told to a person on standard error, and its exit code. */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Runtime from "effect/Runtime"
import type * as Terminal from "effect/Terminal"
import { exitCodes, type ExitName } from "../values/exit-codes.ts"
import type { Failure, OutputClosed, OutputFailed } from "../values/problems.ts"
import { explain } from "./explain.ts"
import { say, write } from "./print.ts"
import type { Setup } from "./reasons.ts"

/** A failure that a person has been told of. What is left of it is the exit code. */
export class Reported extends Data.TaggedError("Reported")<{ readonly exit: ExitName }> {
  override readonly [Runtime.errorExitCode] = exitCodes[this.exit].code
  override readonly [Runtime.errorReported] = false
}

const tell = (failure: Failure, setup: Setup | undefined, more?: string): Effect.Effect<ExitName> => {
  const { exit, fix, what, why } = explain(failure, setup)
  const lines = [`pollo-credits: ${what}`]
  if (why !== undefined) lines.push(`  why: ${why}`)
  lines.push(`  fix: ${fix}`)
  if (more !== undefined) lines.push(`  ${more}`)
  return Effect.as(say(lines.join("\n")), exit)
}

/**
 * Writes what was found and then ends with the verdict on it. The verdict stands, also when nobody reads and when the
 * disk has room for. When both go wrong, both are told, and the verdict is what the program exits with.
 */
export const writeThen = <E extends Failure>(
  text: string,
  verdict: Effect.Effect<void, E>
): Effect.Effect<void, E | OutputClosed | OutputFailed, Terminal.Terminal> =>
  write(text).pipe(
    Effect.catchTag("OutputFailed", (failed) =>
      verdict.pipe(
        Effect.tapError(() => tell(failed, undefined)),
        Effect.andThen(failed)
      )),
    Effect.catchTag("OutputClosed", () => Effect.void),
    Effect.andThen(verdict)
  )

/** Ends with an exit code after telling why, in at most three lines and one more for what `detail` has to add. */
export const endWith = (
  failure: Failure,
  setup?: Setup,
  detail: Effect.Effect<string | undefined> = Effect.undefined
): Effect.Effect<never, Reported> =>
  Effect.gen(function*() {
    return yield* new Reported({ exit: yield* tell(failure, setup, yield* detail) })
  })

/** A server ends well when a signal stops it. Another command has then not done what it was asked. */
export const untilStopped = <A, E, R>(server: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.onInterrupt(server, () => Effect.sync(() => (process.exitCode = exitCodes.Success.code)))

export const teardown: Runtime.Teardown = (exit, onExit) =>
  Runtime.defaultTeardown(exit, (code) =>
    onExit(
      code === exitCodes.Interrupted.code && process.exitCode === exitCodes.Success.code ? exitCodes.Success.code : code
    ))

/** A reader that closes the pipe, as `head` does, has seen what it wanted: that is no failure. */
export const reporting = (
  detail: Effect.Effect<string | undefined>,
  setup?: Setup
): <R>(self: Effect.Effect<void, Failure | OutputClosed, R>) => Effect.Effect<void, Reported, R> =>
  Effect.catch((failure) => failure._tag === "OutputClosed" ? Effect.void : endWith(failure, setup, detail))
