import { parseArgs } from "node:util"
import manifest from "../package.json" with { type: "json" }
import { InvalidOptionError } from "./errors.ts"
import type { ListeningServer, ListenOptions } from "./listen.ts"

/** What a command line asks for. */
export type Command =
  | { readonly kind: "serve"; readonly listen: ListenOptions }
  | { readonly kind: "print"; readonly text: string }
  | { readonly kind: "misuse"; readonly message: string }

const flags = {
  port: { type: "string", value: "number", fallback: "4010", help: "port to listen on, 0 for any free one" },
  host: { type: "string", value: "address", fallback: "127.0.0.1", help: "address to listen on" }
} as const

const switches = {
  version: { type: "boolean", help: "print the version" },
  help: { type: "boolean", short: "h", help: "print this" }
} as const

type FlagName = keyof typeof flags

const envName = (flag: string): string => `POLLO_MOCK_${flag.toUpperCase().replaceAll("-", "_")}`

const helpText = [
  "Usage: pollo-mock [options]",
  "",
  "A local server that speaks the Pollo AI credits API. The x-api-key of a request chooses its answer:",
  "any key has 1000 credits, mock_503_x2_then_ok fails twice, mock_help lists every step.",
  "",
  ...Object.entries(flags).map(([name, { fallback, help, value }]) =>
    `  ${`--${name} <${value}>`.padEnd(20)} ${help} (${envName(name)}, default ${fallback})`
  ),
  ...Object.entries(switches).map(([name, { help }]) => `  ${`--${name}`.padEnd(20)} ${help}`),
  "",
  "Exit codes: 0 stopped by a signal, 1 cannot listen, 2 a bad option."
].join("\n")

const portOf = (option: string, written: string): number => {
  const port = Number(written)
  if (/^\d+$/.test(written) && port <= 65_535) return port
  throw new InvalidOptionError(option, "a whole number from 0 to 65535", written)
}

const hostOf = (option: string, written: string): string => {
  if (written !== "") return written
  throw new InvalidOptionError(option, "a host name or an IP address", written)
}

/** Only the first sentence of the parser's message: the rest explains positional arguments, which are not accepted. */
const firstSentence = (message: string): string => message.split(/\.?\n|\. /, 1)[0] ?? message

const isParseArgsError = (error: unknown): error is Error =>
  error instanceof Error && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS_")

/** Reads the flags, and for those that are not given the environment. An empty variable counts as unset. */
export const parseCommand = (
  argv: ReadonlyArray<string>,
  env: Readonly<Record<string, string | undefined>>
): Command => {
  try {
    const { values } = parseArgs({ args: [...argv], options: { ...flags, ...switches } })
    if (values.help === true) return { kind: "print", text: helpText }
    if (values.version === true) return { kind: "print", text: manifest.version }
    const read = <A>(name: FlagName, parse: (option: string, written: string) => A): A => {
      const given = values[name]
      if (given !== undefined) return parse(`--${name}`, given)
      return parse(envName(name), env[envName(name)] || flags[name].fallback)
    }
    return { kind: "serve", listen: { port: read("port", portOf), host: read("host", hostOf) } }
  } catch (error) {
    if (error instanceof InvalidOptionError) return { kind: "misuse", message: error.message }
    if (isParseArgsError(error)) return { kind: "misuse", message: firstSentence(error.message) }
    throw error
  }
}

/** What is printed once the server listens. */
export const greeting = ({ baseUrl, url }: ListeningServer): string =>
  [
    `pollo-mock ${manifest.version} listens on ${url}`,
    "",
    "Try it:",
    `  curl -H 'x-api-key: mock_ok' ${baseUrl}/credit/balance`,
    "",
    "Point the client at it:",
    `  export POLLO_BASE_URL=${baseUrl}`,
    "  export POLLO_API_KEY=mock_ok",
    "",
    "Ctrl-C stops it."
  ].join("\n")
