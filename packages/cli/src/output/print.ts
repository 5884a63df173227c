/** Where everything is written: standard output and standard error, without the secrets of this run. */
import type { Scrub } from "@effect-pollo/protocol"
import * as Config from "effect/Config"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { identity } from "effect/Function"
import type { PlatformError } from "effect/PlatformError"
import * as Predicate from "effect/Predicate"
import * as Terminal from "effect/Terminal"
import { OutputClosed, OutputFailed } from "../values/problems.ts"

/** Removes the secrets of this run from every text that is written. */
export const Scrubbing = Context.Reference<Scrub>("@effect-pollo/cli/Scrubbing", { defaultValue: () => identity })

/** Writes to standard output and waits until the text is written, so that a full disk is reported as a failure. */
export const write = (text: string): Effect.Effect<void, OutputClosed | OutputFailed, Terminal.Terminal> =>
  Effect.gen(function*() {
    const terminal = yield* Terminal.Terminal
    yield* Effect.mapError(terminal.display((yield* Scrubbing)(text)), closedOrFailed)
  })

/** Writes lines to standard error. It never fails, because there is no other place to report that. */
export const say = (lines: string): Effect.Effect<void> =>
  Effect.flatMap(Scrubbing, (scrub) => Effect.sync(() => console.error(scrub(lines))))

/** Moves the cursor to the start of the line, and erases the line. */
export const erase = "\r\u001b[2K"

/** Whether standard error is a terminal whose line can be written over. */
export const canDrawOnStderr: Effect.Effect<boolean> = Effect.map(
  Effect.orElseSucceed(Config.String("TERM"), () => ""),
  (term) => process.stderr.isTTY === true && term !== "dumb"
)

/** Writes a line to standard error over the one that this function wrote before, or erases that one. */
export const drawOnStderr = (line: string | undefined): Effect.Effect<void> =>
  Effect.sync(() => void process.stderr.write(erase + (line ?? "")))

const closedOrFailed = ({ reason }: PlatformError) => {
  const code = Predicate.hasProperty(reason.cause, "code") ? String(reason.cause.code) : "unknown"
  return code === "EPIPE" ? new OutputClosed() : new OutputFailed({ code })
}
