/**
 * The messages about an invalid command line. They never repeat what was typed, because a key that was typed in the
 * wrong place must not end up in a log.
 */
import type * as CliError from "effect/cli/CliError"
import { allDifferenceNames } from "./values/difference.ts"
import { durationForms } from "./values/durations.ts"

/** What each flag takes, by its name. The parser's own messages are not used, because they quote what was typed. */
export const expected: Readonly<Record<string, string>> = {
  min: "a number of credits",
  low: "a number of credits",
  recover: "a number of credits",
  every: `a time above zero, ${durationForms}`,
  exec: "a command, in quotation marks when it has arguments",
  webhook: "an https URL",
  allow: `one of ${allDifferenceNames.join(", ")}`,
  "api-key-file": "the path of a file",
  account: "NAME=FILE: a name for the account, and the file that holds its key",
  "time-to-live": `a time above zero, ${durationForms}`,
  redis: "the URL of a Redis",
  prefix: "what the names of the keys begin with",
  port: "a port, 0 to 65535",
  host: "an IP address to listen on, or localhost",
  completions: "one of bash, zsh, fish, powershell"
}

const flag = (name: string): string => `--${name.replace(/^-+/, "")}`

const didYouMean = (suggestions: ReadonlyArray<string>): string =>
  suggestions.length === 0 ? "" : `; did you mean ${suggestions.join(" or ")}?`

const mistake = (error: CliError.CliError): string => {
  switch (error._tag) {
    case "UnknownSubcommand":
      return `there is no such command${didYouMean(error.suggestions)}`
    case "UnrecognizedOption":
      return `this command has no such flag${didYouMean(error.suggestions)}`
    case "UnexpectedArgument":
      return "this command takes no arguments"
    case "InvalidValue":
      return error.kind === "argument"
        ? "the argument must be the name of a command"
        : Object.hasOwn(expected, error.option)
        ? `${flag(error.option)} must be ${expected[error.option]}`
        : `${flag(error.option)} takes no value`
    case "MissingArgument":
      return `${error.argument} is missing`
    case "MissingOption":
      return `${flag(error.option)} is missing`
    default:
      return "the flags do not fit together"
  }
}

/** Each mistake once: the parser reports some of them more than once. */
const mistakes = (errors: ReadonlyArray<CliError.CliError>): ReadonlyArray<string> =>
  Array.from(new Set(errors.map(mistake))).slice(0, 3)

const isForAKey = (error: CliError.CliError): boolean =>
  error._tag === "UnrecognizedOption" && /^--?(api-?)?key/i.test(error.option)

/** The message, in a few lines for standard error: standard output is only for results. */
export const mistakeLines = (errors: ReadonlyArray<CliError.CliError>, commandPath: ReadonlyArray<string>): string =>
  [
    ...mistakes(errors).map((line) => `pollo-credits: ${line}`),
    `  fix: ${
      errors.some(isForAKey)
        ? "put the key into POLLO_API_KEY or a file for --api-key-file; other users can see flags"
        : `see ${commandPath.join(" ")} --help`
    }`
  ].join("\n")
