import { parseArgs } from "node:util"
import { adminPath } from "../admin/calls.ts"
import { maxTimerMillis, wholeNumber } from "../values/checks.ts"
import { ConfigFileError, takeConfigFile } from "./config-file.ts"
import type { ConfigAccount } from "./config-file.ts"
import { Given } from "./given.ts"
import { helpText } from "./help.ts"
import { binDefaults, envName, flags } from "./options.ts"
import { InvalidOptionError } from "../values/errors.ts"
import { resolveListenOptions } from "../settings/listen-options.ts"
import type { ListenOptions } from "../settings/listen-options.ts"
import type { ListeningServer } from "../transport/listen.ts"
import { isLoopback } from "../settings/listen-options.ts"
import { checkRoom } from "../settings/account-options.ts"
import type { Profile } from "../settings/options.ts"
import { resolveSettings } from "../settings/options.ts"
import { resolveAdminToken } from "../settings/settings.ts"
import type { MockServerOptions } from "../settings/settings.ts"
import { version } from "../values/version.ts"

/** What to serve, and how. */
export interface Serve {
  readonly kind: "serve"
  readonly listen: ListenOptions
  readonly server: MockServerOptions
  /** How long a first SIGTERM lets answers finish. */
  readonly graceMillis: number
  readonly verbose: boolean
  readonly accounts: ReadonlyArray<ConfigAccount>
}

/** What a command line asks for. */
export type Command =
  | Serve
  | { readonly kind: "print"; readonly text: string }
  | { readonly kind: "misuse"; readonly message: string }

type Environment = Readonly<Record<string, string | undefined>>

/** Only the first sentence of the parser's message: the rest explains positional arguments, which are not accepted. */
const firstSentence = (message: string): string => message.split(/\.?\n|\. /, 1)[0] ?? message

/** How to write `--balance -5`, which the parser takes for two flags. */
const negativeNumber = (argv: ReadonlyArray<string>): string | undefined => {
  for (const [at, argument] of argv.entries()) {
    const flag = argument.startsWith("--") ? flags[argument.slice(2)] : undefined
    const next = argv[at + 1] ?? ""
    const [kind] = Object.values(flag?.fields ?? {})
    if (kind !== "text" && kind !== "toggle" && /^-\d+(?:\.\d+)?$/.test(next)) {
      return `write ${argument}=${next} for a negative number`
    }
  }
  return undefined
}

const misuseOf = (error: Error, argv: ReadonlyArray<string>): string => {
  const hint = error.message.includes("is ambiguous") ? negativeNumber(argv) : undefined
  return firstSentence(error.message) + (hint === undefined ? "" : `: ${hint}`)
}

const isParseArgsError = (error: unknown): error is Error =>
  error instanceof Error && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS_")

type Arguments = Readonly<Record<string, string | boolean | undefined>>

const argumentsOf = (argv: ReadonlyArray<string>): Arguments =>
  parseArgs({
    args: [...argv],
    options: {
      ...Object.fromEntries(
        Object.entries(flags).map(([name, { value }]) =>
          [name, { type: value === undefined ? "boolean" : "string" }] as const
        )
      ),
      config: { type: "string" },
      version: { type: "boolean", short: "v" },
      help: { type: "boolean", short: "h" }
    }
  }).values

/** Takes options in the order of their precedence: flags, environment (an empty variable is unset), config file. */
const collect = (given: Given, values: Arguments, env: Environment): ReadonlyArray<ConfigAccount> => {
  for (const [name, flag] of Object.entries(flags)) {
    const value = values[name]
    if (typeof value === "string") given.takeText(flag, value, `--${name}`)
    else if (value === true) given.takeText(flag, "true", `--${name}`)
  }
  for (const [name, flag] of Object.entries(flags)) {
    const value = env[envName(name)]
    if (value) given.takeText(flag, value, envName(name))
  }
  if (values.config === "") throw new InvalidOptionError("--config", "the path of a file", "")
  const file = values.config ?? env[envName("config")]
  return typeof file === "string" && file !== "" ? takeConfigFile(given, file) : []
}

/** Variables that look like options but are not, such as a misspelt one. */
export const unknownVariables = (env: Environment): ReadonlyArray<string> => {
  const known = new Set([...Object.keys(flags), "config"].map(envName))
  return Object.keys(env).filter((name) => name.startsWith(envName("")) && !known.has(name) && env[name])
}

const toggle = (option: string, value: unknown): boolean => {
  if (value === undefined || typeof value === "boolean") return value ?? false
  throw new InvalidOptionError(option, "true or false", value)
}

const serve = (given: Given, accounts: ReadonlyArray<ConfigAccount>): Serve => {
  const options = given.options()
  const { graceMillis = binDefaults.graceMillis, host, port = binDefaults.port, verbose } = options
  const listen = resolveListenOptions({ host, port })
  const settings = resolveSettings(options)
  checkRoom(settings.maxKeys, accounts.length)
  return {
    kind: "serve",
    listen: { port: listen.port, host: host === undefined ? undefined : listen.host },
    server: {
      ...Object.fromEntries(Object.entries(settings).filter(([name]) => options[name] !== undefined)),
      adminToken: resolveAdminToken(options)
    },
    graceMillis: wholeNumber("graceMillis", graceMillis, 0, maxTimerMillis),
    verbose: toggle("verbose", verbose),
    accounts
  }
}

/** Reads the flags, the environment and the config file, and checks all of it. */
export const parseCommand = (argv: ReadonlyArray<string>, env: Environment): Command => {
  const given = new Given()
  try {
    const values = argumentsOf(argv)
    if (values.help === true) return { kind: "print", text: helpText() }
    if (values.version === true) return { kind: "print", text: `pollo-mock ${version}` }
    return serve(given, collect(given, values, env))
  } catch (error) {
    if (error instanceof InvalidOptionError) return { kind: "misuse", message: given.inTheirWords(error).message }
    if (error instanceof ConfigFileError) return { kind: "misuse", message: error.message }
    if (isParseArgsError(error)) return { kind: "misuse", message: misuseOf(error, argv) }
    throw error
  }
}

const isReachedByOthers = (host: string | undefined): host is string => host !== undefined && !isLoopback(host)

/** What must be said before a server listens where other machines can reach it. */
export const warningOf = ({ listen: { host }, server: { adminToken } }: Serve): string | undefined => {
  if (!isReachedByOthers(host)) return undefined
  return adminToken === undefined
    ? `other machines can reach ${host}, so the admin API is off; --admin-token switches it on`
    : `other machines can reach ${host}; the admin API asks for its token`
}

/** Which form success has. */
const successForms: Readonly<Record<Profile, string>> = {
  documented: "the vendor's page says (profile documented): a success is flat, the balance itself",
  live: "the live server does (profile live): a success is in the envelope {code, message, data}"
}

/** What is printed once the server listens. */
export const greeting = ({ baseUrl, url }: ListeningServer, { listen, server }: Serve): string =>
  [
    `pollo-mock ${version} listens on ${url}`,
    `and answers as ${successForms[server.profile ?? "documented"]}`,
    "",
    "Try it:",
    `  curl -H 'x-api-key: mock_ok' ${baseUrl}/credit/balance`,
    "",
    "Point the client at it:",
    `  export POLLO_BASE_URL=${baseUrl}`,
    "  export POLLO_API_KEY=mock_ok",
    "",
    ...(isReachedByOthers(listen.host) && server.adminToken === undefined
      ? []
      : ["Watch what it does:", `  ${url}${adminPath}/`, ""]),
    "Ctrl-C stops it."
  ].join("\n")
