/** Whether to use colours, by one rule for help, mistakes and the bar of a line. */
import { TerminalCapabilities } from "effect/cli/TerminalCapabilities"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { styleText } from "node:util"
import { bar, share } from "../values/figures.ts"

const variable = (name: string): Effect.Effect<string | undefined> =>
  Effect.orElseSucceed(Effect.map(Config.option(Config.String(name)), Option.getOrUndefined), () => undefined)

/**
 * The usual variables. The first that is set and not empty decides: `NO_COLOR`; `FORCE_COLOR`, where `0` and `false`
 * mean no; `CLICOLOR_FORCE` other than `0`; `CLICOLOR=0`. Otherwise a terminal has colour.
 */
const wantsColour = Effect.fnUntraced(function*(detected: boolean) {
  if ((yield* variable("NO_COLOR")) !== undefined) return false
  const forced = yield* variable("FORCE_COLOR")
  if (forced !== undefined) return forced !== "0" && forced.toLowerCase() !== "false"
  const cliForced = yield* variable("CLICOLOR_FORCE")
  if (cliForced !== undefined && cliForced !== "0") return true
  return (yield* variable("CLICOLOR")) !== "0" && detected
})

export const layer: Layer.Layer<never> = Layer.effect(TerminalCapabilities)(
  Effect.flatMap(
    TerminalCapabilities,
    (detected) => Effect.map(wantsColour(detected.canColor), (canColor) => ({ ...detected, canColor }))
  )
)

/** Colours the bar of a line by the share of credits that is left. */
export const paintBar: Effect.Effect<(line: string, available: number, total: number) => string> = Effect.map(
  TerminalCapabilities,
  ({ canColor }) => (line, available, total) => {
    const part = share(available, total)
    if (part === undefined || !canColor) return line
    const colour = part < 0.1 ? "red" : part < 0.25 ? "yellow" : "green"
    return line.replace(bar(part), (drawn) => styleText(colour, drawn, { validateStream: false }))
  }
)
