/** The program: its command line, its own output, and how it ends. */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as CliConfig from "effect/cli/CliConfig"
import type * as CliError from "effect/cli/CliError"
import * as CliOutput from "effect/cli/CliOutput"
import * as Command from "effect/cli/Command"
import * as GlobalFlag from "effect/cli/GlobalFlag"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { constVoid } from "effect/Function"
import * as Layer from "effect/Layer"
import * as Stdio from "effect/Stdio"
import { root, withHelpCommand } from "./commands.ts"
import { mistakeLines } from "./mistakes.ts"
import * as colour from "./output/colour.ts"
import { say, Scrubbing, write } from "./output/print.ts"
import { Reported, reporting, teardown } from "./output/report.ts"
import { scrubOf } from "./values/secrets.ts"
import { version } from "./values/version.ts"

const presenter: CliOutput.Presenter = {
  present: (event) => {
    switch (event._tag) {
      case "InvalidInvocation":
        return say(mistakeLines(event.errors, event.commandPath))
      case "Version":
        return Console.log(`${event.name} ${event.version}`)
      default:
        return CliOutput.defaultPresenter.present(event)
    }
  }
}

const isHelp = (error: CliError.CliError | Reported): boolean => error._tag === "ShowHelp" && error.errors.length === 0

const fault = (defect: unknown) =>
  Effect.andThen(
    say(`pollo-credits: a fault of this program: ${String(defect)}\n  fix: please report it`),
    new Reported({ exit: "Defect" })
  )

/**
 * The parser logs help, version and completions, and would not notice a full disk. So they are collected here and
 * printed later.
 */
const program = Effect.suspend(() => {
  const kept: Array<string> = []
  const keeping: Console.Console = Object.create(globalThis.console, {
    log: { value: (line: string) => void kept.push(line) }
  })
  return Stdio.Stdio.use(({ args }) => args).pipe(
    Effect.map(withHelpCommand),
    Effect.flatMap(Command.runWith(root, { version })),
    Effect.provideService(Console.Console, keeping),
    Effect.catchIf(isHelp, () => Effect.void),
    Effect.catch((error) => error._tag === "Reported" ? Effect.fail(error) : new Reported({ exit: "Misuse" })),
    Effect.andThen(
      Effect.suspend(() => kept.length === 0 ? Effect.void : reporting(Effect.undefined)(write(`${kept.join("\n")}\n`)))
    )
  )
})

// Without a listener a closed pipe would end the program with a stack trace. Each write reports its own failure.
process.stdout.on("error", constVoid)
process.stderr.on("error", constVoid)

program.pipe(
  Effect.catchDefect(fault),
  Effect.provideService(
    Scrubbing,
    scrubOf({
      key: process.env["POLLO_API_KEY"],
      baseUrl: process.env["POLLO_BASE_URL"],
      words: process.argv.slice(2)
    })
  ),
  Effect.provide(Layer.mergeAll(
    NodeServices.layer,
    colour.layer,
    CliOutput.layerPresenter(presenter),
    CliConfig.layer({ builtIns: [GlobalFlag.Help, GlobalFlag.Version, GlobalFlag.Completions] })
  )),
  NodeRuntime.runMain({ teardown })
)
