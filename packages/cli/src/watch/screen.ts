/** Where a watch writes: one place, so that its lines and the notices of its alerts never run into each other. */
import type { BalanceEvent } from "@effect-pollo/client/BalanceWatch"
import { displayWidth } from "effect/cli/CliOutput"
import { TerminalCapabilities } from "effect/cli/TerminalCapabilities"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import * as Terminal from "effect/Terminal"
import { paintBar } from "../output/colour.ts"
import { say, write } from "../output/print.ts"
import type { OutputClosed, OutputFailed } from "../values/problems.ts"
import { toJson } from "./json.ts"
import { eventLine, liveLine, plainLine, type Reading } from "./lines.ts"

export interface Screen {
  /** An event, and with an `Observed` what is known after it. */
  readonly show: (event: BalanceEvent, reading: Reading | undefined) => Effect.Effect<void, OutputClosed | OutputFailed>
  /** A line on standard error. */
  readonly notice: (text: string) => Effect.Effect<void>
}

/**
 * To the start of the line, and all of it gone. The cursor is never hidden, so that even a kill leaves the terminal as
 * it was.
 */
const erase = "\r\u001b[2K"

/** Left free at the end of the line: a terminal writes `^C` there, which must not reach the next one. */
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
      notice: (text) => alone(notice(text))
    }
  }

  const paint = yield* paintBar
  let latest: Reading | undefined
  const draw = Effect.flatMap(terminal.columns, (columns) => {
    if (latest === undefined) return Effect.void
    const line = fit(liveLine(latest), (columns || 80) - room)
    return show(erase + paint(line, latest.available, latest.total))
  })
  const clear = Effect.suspend(() => latest === undefined ? Effect.void : Effect.ignore(show(erase)))
  yield* Effect.addFinalizer(() => clear)
  return {
    show: (event, reading) =>
      alone(Effect.suspend(() => {
        latest = reading ?? latest
        const above = eventLine(event)
        return Effect.andThen(above === undefined ? Effect.void : show(`${erase}${above}\n`), draw)
      })),
    notice: (text) => alone(clear.pipe(Effect.andThen(notice(text)), Effect.andThen(Effect.ignore(draw))))
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
