import { readFileSync } from "node:fs"
import type { Given } from "./given.ts"
import { fields } from "./options.ts"

/** A config file that cannot be used. `message` names the file and the field. */
export class ConfigFileError extends Error {
  override readonly name = "ConfigFileError"
}

/** An account to open before the server listens. */
export interface ConfigAccount {
  readonly key: string
  /** Where it stands in the file. */
  readonly source: string
  /** What the admin API takes for an account, not yet checked, and `steps` for its plan. */
  readonly settings: Readonly<Record<string, unknown>>
}

const paths = [...fields.keys()]
const isGroup = (path: string): boolean => paths.some((known) => known.startsWith(`${path}.`))

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** The names of the fields directly below `prefix`, as text for a message. */
const namesUnder = (prefix: string): string => {
  const names = paths.filter((path) => path.startsWith(prefix)).map((path) => path.slice(prefix.length).split(".")[0])
  return [...new Set(prefix === "" ? [...names, "accounts"] : names)].join(", ")
}

/** Editors and shells of Windows begin a file with a mark of its encoding, which may be UTF-16. */
const textOf = (bytes: Uint8Array): string =>
  new TextDecoder(bytes[0] === 0xff && bytes[1] === 0xfe ? "utf-16le" : "utf-8").decode(bytes)

const parsed = (file: string): unknown => {
  try {
    return JSON.parse(textOf(readFileSync(file)))
  } catch (error) {
    const reason = error instanceof SyntaxError
      ? `it is not JSON: ${error.message}`
      : error instanceof Error && "code" in error && error.code === "ENOENT"
      ? "there is no such file"
      : error instanceof Error && "code" in error && error.code === "EISDIR"
      ? "it is a directory, not a file"
      : String(error)
    throw new ConfigFileError(`${file}: ${reason}`, { cause: error })
  }
}

/**
 * Takes what a JSON file says. It holds the options of `createMockServer` and of `listen` by their names in code,
 * `graceMillis`, `verbose`, and `accounts`.
 *
 * @throws ConfigFileError naming the file and the field
 */
export const takeConfigFile = (given: Given, file: string): ReadonlyArray<ConfigAccount> => {
  const config = parsed(file)
  if (!isObject(config)) throw new ConfigFileError(`${file}: it must be a JSON object`)
  const takeGroup = (group: Readonly<Record<string, unknown>>, prefix: string): void => {
    for (const [name, value] of Object.entries(group)) {
      const path = prefix + name
      if (fields.has(path)) given.take(path, value, `${file}: ${path}`)
      else if (path === "limit" && value === null) continue // As in code, null means no limit, which is the default.
      else if (!isGroup(path)) {
        throw new ConfigFileError(`${file}: ${path} is no option. Known here are ${namesUnder(prefix)}`)
      } else if (isObject(value)) takeGroup(value, `${path}.`)
      else throw new ConfigFileError(`${file}: ${path} must be an object with ${namesUnder(`${path}.`)}`)
    }
  }
  const { $schema: _, accounts = {}, ...options } = config
  takeGroup(options, "")
  if (!isObject(accounts)) throw new ConfigFileError(`${file}: accounts must be an object, with a key's account each`)
  return Object.entries(accounts).map(([key, settings]) => {
    const source = `${file}: accounts[${JSON.stringify(key)}]`
    if (isObject(settings)) return { key, source, settings }
    throw new ConfigFileError(`${source} must be an object`)
  })
}
