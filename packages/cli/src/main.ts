/** The program: its command line, what it prints by itself, and how it ends. */
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
import { readFileSync } from "node:fs"
import { root } from "./commands.ts"
import { Reported } from "./output/report.ts"

const { version }: { readonly version: string } = JSON.parse(
  readFileSync(new URL("../package.json", import.meta.url), "utf8")
)

/** A mistake is answered in a few lines on standard error: whoever reads standard output gets results alone. */
const presenter: CliOutput.Presenter = {
  present: (event) =>
    event._tag === "InvalidInvocation"
      ? Console.error([
        ...event.errors.slice(0, 3).map((error) => `pollo-credits: ${mistake(error)}`),
        `  fix: ${advice(event.errors) ?? `see ${event.commandPath.join(" ")} --help`}`
      ].join("\n"))
      : CliOutput.defaultPresenter.present(event)
}

const { formatCliError } = CliOutput.defaultFormatter({ colors: false })

/** The words of the parser on one line. What stands where no argument belongs is left out: it may be a key. */
const mistake = (error: CliError.CliError): string =>
  error._tag === "UnexpectedArgument"
    ? "this command takes no arguments"
    : formatCliError(error).replaceAll(/\s+/g, " ")

const advice = (errors: ReadonlyArray<CliError.CliError>): string | undefined =>
  errors.some((error) => error._tag === "UnrecognizedOption" && /^--?(api-?)?key/i.test(error.option))
    ? "put the key into POLLO_API_KEY or a file for --api-key-file; other users can see flags"
    : undefined

const isMisuse = (error: CliError.CliError | Reported): boolean =>
  error._tag !== "Reported" && !(error._tag === "ShowHelp" && error.errors.length === 0)

const fault = (defect: unknown) =>
  Effect.andThen(
    Console.error(`pollo-credits: a fault of this program: ${String(defect)}\n  fix: please report it`),
    new Reported({ exit: "Defect" })
  )

// Without a listener a closed pipe would end the program with a stack trace; writes report their failure by themselves.
process.stdout.on("error", constVoid)
process.stderr.on("error", constVoid)

root.pipe(
  Command.run({ version }),
  Effect.mapError((error) => isMisuse(error) ? new Reported({ exit: "Misuse" }) : error),
  Effect.catchDefect(fault),
  Effect.provide(Layer.mergeAll(
    NodeServices.layer,
    CliOutput.layerPresenter(presenter),
    CliConfig.layer({ builtIns: [GlobalFlag.Help, GlobalFlag.Version, GlobalFlag.Completions] })
  )),
  NodeRuntime.runMain
)
