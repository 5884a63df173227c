import type { Flag } from "../settings/options.ts"
import { InvalidOptionError } from "../values/errors.ts"
import { millisOf } from "../values/duration.ts"
import { fields } from "./options.ts"

interface Written {
  /** As in JSON. */
  readonly value: unknown
  /** What the person who wrote it calls it: a flag, a variable, a path in a file. */
  readonly source: string
}

const decimal = /^-?\d+(?:\.\d+)?$/
const toggles: ReadonlyMap<string, boolean> = new Map([["true", true], ["1", true], ["false", false], ["0", false]])

/** The JSON value that a text stands for. Any other text stays as it is, and the check of the option refuses it. */
const valueOf = (field: string, text: string): unknown => {
  const kind = fields.get(field)
  if (kind === "text") return text
  if (kind === "toggle") return toggles.get(text.toLowerCase()) ?? text
  if (decimal.test(text)) return Number(text)
  const millis = kind === "number" ? undefined : millisOf(text)
  return millis === undefined ? text : kind === "seconds" ? millis / 1000 : millis
}

const groupOf = (path: string): string => path.slice(0, path.lastIndexOf(".") + 1) || path

/** The values given for the fields of the options. The first value that is taken for a field wins. */
export class Given {
  readonly #written = new Map<string, Written>()

  take(field: string, value: unknown, source: string): void {
    if (!this.#written.has(field)) this.#written.set(field, { value, source })
  }

  /** Takes what is written for a flag, on the command line or in the environment. */
  takeText(flag: Flag, text: string, source: string): void {
    const places = Object.keys(flag.fields)
    const parts = places.length === 1 ? [text] : text.split("/")
    if (parts.length < Math.min(2, places.length) || parts.length > places.length) {
      throw new InvalidOptionError(source, `${flag.value}, such as 10/2`, text)
    }
    for (const [index, field] of places.entries()) {
      const written = parts[index]
      if (written !== undefined) this.take(field, valueOf(field, written), source)
    }
  }

  /** What was given, not yet checked, as the options in code have it: `balance.totalCredits` is in `balance`. */
  options(): Readonly<Record<string, unknown>> {
    const options: Record<string, unknown> = {}
    const groups = new Map<string, Record<string, unknown>>()
    for (const [field, { value }] of this.#written) {
      const [name = field, inner] = field.split(".")
      if (inner === undefined) options[name] = value
      else {
        const group = groups.get(name) ?? {}
        group[inner] = value
        groups.set(name, group)
        options[name] = group
      }
    }
    return options
  }

  /**
   * The error about a field, naming the flag, variable or path that the person wrote. If only a neighbour of the field
   * was written, its name is derived from that neighbour's.
   */
  inTheirWords(error: InvalidOptionError): InvalidOptionError {
    const { expected, option } = error
    const exact = this.#written.get(option)
    if (exact !== undefined) {
      return option === "adminToken"
        ? new InvalidOptionError(exact.source, expected)
        : new InvalidOptionError(exact.source, expected, exact.value)
    }
    for (const [field, { source }] of this.#written) {
      if (groupOf(field) === groupOf(option)) return new InvalidOptionError(source.replace(field, option), expected)
    }
    return error
  }
}
