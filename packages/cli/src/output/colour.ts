import { TerminalCapabilities } from "effect/cli/TerminalCapabilities"
import * as Effect from "effect/Effect"
import { styleText } from "node:util"
import { bar, share } from "../values/figures.ts"

/** Colours the bar of a line by what is left, where help and errors would be coloured too: see `NO_COLOR`. */
export const paintBar: Effect.Effect<(line: string, available: number, total: number) => string> = Effect.map(
  TerminalCapabilities,
  ({ canColor }) => (line, available, total) => {
    const part = share(available, total)
    if (part === undefined || !canColor) return line
    const colour = part < 0.1 ? "red" : part < 0.25 ? "yellow" : "green"
    return line.replace(bar(part), (drawn) => styleText(colour, drawn, { validateStream: false }))
  }
)
