/** Where a watch writes: one place, so that its lines and the notices of its alerts never run into each other. */
import type { BalanceEvent } from "@effect-pollo/client/BalanceWatch"
import { displayWidth } from "effect/cli/CliOutput"
import { TerminalCapabilities } from "effect/cli/TerminalCapabilities"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import * as Terminal from "effect/Terminal"
import { paintBar } from "../output/colour.ts"
import { erase, say, write } from "../output/print.ts"
import type { OutputClosed, OutputFailed } from "../values/problems.ts"
import { toJson } from "./json.ts"
import { eventLine, liveLine, plainLine, type Reading } from "./lines.ts"

export interface Screen {
  /** Shows an event. With an `Observed` comes what is known after that reading. */
  readonly show: (event: BalanceEvent, reading: Reading | undefined) => Effect.Effect<void, OutputClosed | OutputFailed>
  /** Writes a line to standard error. */
  readonly notice: (text: string) => Effect.Effect<void>
  /**
   * Shows a line in place of the live line, or the live line again for `undefined`. Absent if there is no live line:
   * then the waits are shown on standard error, as for other commands.
   */
  readonly instead: ((text: string | undefined) => Effect.Effect<void>) | undefined
}

/** Columns left free at the end of the line: a terminal writes `^C` there, which must not wrap to the next line. */
const room = 3

export const make = Effect.fnUntraced(function*(json: boolean): Effect.fn.Return<
  Screen,
  never,
  Scope.Scope | Terminal.Terminal
> {
  const terminal = yield* Terminal.Terminal
  const { canAnimate } = yield* TerminalCapabilities
  const show = (text: string) => Effect.provideService(write(text), Terminal.Terminal, terminal)
  const alone = (yield* Semaphore.make(1)).withPermit
  const notice = say

  if (json || !canAnimate) {
    const linesOf = json ? toJson : plain
    return {
      show: (event, reading) => alone(show(linesOf(event, reading).map((line) => `${line}\n`).join(""))),
      notice: (text) => alone(notice(text)),
      instead: undefined
    }
  }

  const paint = yield* paintBar
  let latest: Reading | undefined
  let instead: string | undefined
  // The cursor is never hidden, so that the terminal is usable even after the process is killed.
  const draw = Effect.flatMap(terminal.columns, (columns) => {
    const width = (columns || 80) - room
    if (instead !== undefined) return show(erase + fit(instead, width))
    if (latest === undefined) return Effect.void
    return show(erase + paint(fit(liveLine(latest, width), width), latest.available, latest.total))
  })
  const clear = Effect.suspend(() =>
    latest === undefined && instead === undefined ? Effect.void : Effect.ignore(show(erase))
  )
  yield* Effect.addFinalizer(() => clear)
  return {
    show: (event, reading) =>
      alone(Effect.suspend(() => {
        latest = reading ?? latest
        const above = eventLine(event)
        return Effect.andThen(above === undefined ? Effect.void : show(`${erase}${above}\n`), draw)
      })),
    notice: (text) => alone(clear.pipe(Effect.andThen(notice(text)), Effect.andThen(Effect.ignore(draw)))),
    instead: (text) =>
      alone(Effect.suspend(() => {
        if (text === undefined && latest === undefined) {
          return Effect.andThen(clear, Effect.sync(() => (instead = undefined)))
        }
        instead = text
        return Effect.ignore(draw)
      }))
  }
})

const plain = (event: BalanceEvent, reading: Reading | undefined): ReadonlyArray<string> => {
  const line = reading === undefined ? eventLine(event) : plainLine(reading)
  return line === undefined ? [] : [line]
}

/** A line that is wider than the terminal would wrap, and its first part could not be erased. */
const fit = (text: string, columns: number): string => {
  let fitting = ""
  for (const character of text) {
    if (displayWidth(fitting + character) > columns) break
    fitting += character
  }
  return fitting
}
