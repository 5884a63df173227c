/** How a command ends: with a message about its failure on standard error, and with an exit code. */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Runtime from "effect/Runtime"
import type * as Terminal from "effect/Terminal"
import { exitCodes, type ExitName } from "../values/exit-codes.ts"
import type { Failure, OutputClosed, OutputFailed } from "../values/problems.ts"
import { explain } from "./explain.ts"
import { say, write } from "./print.ts"
import type { Setup } from "./reasons.ts"

/** A failure that was already reported to the person. Only its exit code is left. */
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
 * Writes a result and then ends with the verdict on it. A reader that has closed the pipe does not change the verdict.
 * If the write fails (say because the disk is full) and the verdict is a failure too, both are reported, and the exit
 * code is that of the verdict.
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

/** Reports a failure and ends with its exit code. The message has at most three lines, and one more for `detail`. */
export const endWith = (
  failure: Failure,
  setup?: Setup,
  detail: Effect.Effect<string | undefined> = Effect.undefined
): Effect.Effect<never, Reported> =>
  Effect.gen(function*() {
    return yield* new Reported({ exit: yield* tell(failure, setup, yield* detail) })
  })

/**
 * For a server, a signal is the normal end, so its exit code is that of success. A command that a signal stops has not
 * finished its task.
 */
export const untilStopped = <A, E, R>(server: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.onInterrupt(server, () => Effect.sync(() => (process.exitCode = exitCodes.Success.code)))

export const teardown: Runtime.Teardown = (exit, onExit) =>
  Runtime.defaultTeardown(exit, (code) =>
    onExit(
      code === exitCodes.Interrupted.code && process.exitCode === exitCodes.Success.code ? exitCodes.Success.code : code
    ))

/**
 * Reports the failure of a command. A reader that closes the pipe, as `head` does, has seen enough, so that is not a
 * failure.
 */
export const reporting = (
  detail: Effect.Effect<string | undefined>,
  setup?: Setup
): <R>(self: Effect.Effect<void, Failure | OutputClosed, R>) => Effect.Effect<void, Reported, R> =>
  Effect.catch((failure) => failure._tag === "OutputClosed" ? Effect.void : endWith(failure, setup, detail))
