import * as Effect from "effect/Effect"
import type { PlatformError } from "effect/PlatformError"
import * as Predicate from "effect/Predicate"
import * as Terminal from "effect/Terminal"
import { OutputClosed, OutputFailed } from "../values/problems.ts"

/** Writes to standard output and waits until it is out: a disk that is full is a failure, and not a silent one. */
export const write = (text: string): Effect.Effect<void, OutputClosed | OutputFailed, Terminal.Terminal> =>
  Terminal.Terminal.use((terminal) => Effect.mapError(terminal.display(text), closedOrFailed))

export const writeLine = (line: string) => write(`${line}\n`)

const closedOrFailed = ({ reason }: PlatformError) => {
  const code = Predicate.hasProperty(reason.cause, "code") ? String(reason.cause.code) : "unknown"
  return code === "EPIPE" ? new OutputClosed() : new OutputFailed({ code })
}
