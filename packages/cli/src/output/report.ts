/** How a command ends: its failure told to a person on standard error, and its exit code. */
import * as Console from "effect/Console"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Runtime from "effect/Runtime"
import { exitCodes, type ExitName } from "../values/exit-codes.ts"
import { explain } from "./explain.ts"
import type { Failure, OutputClosed } from "../values/problems.ts"

/** A failure that a person has been told of. What is left of it is the exit code. */
export class Reported extends Data.TaggedError("Reported")<{ readonly exit: ExitName }> {
  override readonly [Runtime.errorExitCode] = exitCodes[this.exit].code
  override readonly [Runtime.errorReported] = false
}

/**
 * Ends with an exit code after telling why, in at most three lines and one more for `detail`. A reader that closes the
 * pipe, as `head` does, has seen what it wanted: that is no failure.
 */
export const reporting = (
  detail: Effect.Effect<string | undefined>
): <R>(self: Effect.Effect<void, Failure | OutputClosed, R>) => Effect.Effect<void, Reported, R> =>
  Effect.catch((failure) =>
    Effect.gen(function*() {
      if (failure._tag === "OutputClosed") return
      const { exit, fix, what, why } = explain(failure)
      const more = yield* detail
      const lines = [`pollo-credits: ${what}`]
      if (why !== undefined) lines.push(`  why: ${why}`)
      lines.push(`  fix: ${fix}`)
      if (more !== undefined) lines.push(`  ${more}`)
      yield* Console.error(lines.join("\n"))
      return yield* new Reported({ exit })
    })
  )
