import { InvalidOptionError } from "../values/errors.ts"
import { fields } from "./options.ts"
import type { Field, FieldOf, Flag } from "./options.ts"

interface Written {
  /** As in JSON. */
  readonly value: unknown
  /** What the person who wrote it calls it: a flag, a variable, a path in a file. */
  readonly source: string
}

const decimal = /^-?\d+(?:\.\d+)?$/
const toggles: ReadonlyMap<string, boolean> = new Map([["true", true], ["1", true], ["false", false], ["0", false]])

/** The JSON value that a text stands for; the text itself where it stands for none. */
const valueOf = (field: Field, text: string): unknown => {
  if (fields[field] === "number") return decimal.test(text) ? Number(text) : text
  return fields[field] === "toggle" ? toggles.get(text.toLowerCase()) ?? text : text
}

const groupOf = (path: string): string => path.slice(0, path.lastIndexOf(".") + 1) || path

/** What was given for each field, wherever it was given first. */
export class Given {
  readonly #written = new Map<Field, Written>()

  take(field: Field, value: unknown, source: string): void {
    if (!this.#written.has(field)) this.#written.set(field, { value, source })
  }

  /** Takes what is written for a flag, on the command line or in the environment. */
  takeText(flag: Flag, text: string, source: string): void {
    const [field, ...others] = flag.fields
    if (others.length === 0) return this.take(field, valueOf(field, text), source)
    const parts = text.split("/")
    if (parts.length < 2 || parts.length > flag.fields.length) {
      throw new InvalidOptionError(source, `${flag.value}, such as 10/2`, text)
    }
    for (const [index, part] of flag.fields.entries()) {
      const written = parts[index]
      if (written !== undefined) this.take(part, valueOf(part, written), source)
    }
  }

  has(...anyOf: ReadonlyArray<Field>): boolean {
    return anyOf.some((field) => this.#written.has(field))
  }

  /** What is no number is `NaN`, which no option accepts. */
  number(field: FieldOf<"number">): number | undefined {
    const written = this.#written.get(field)
    return written === undefined ? undefined : typeof written.value === "number" ? written.value : Number.NaN
  }

  /** What is no text is empty, which no option accepts. */
  text(field: FieldOf<"text">): string | undefined {
    const written = this.#written.get(field)
    return written === undefined ? undefined : typeof written.value === "string" ? written.value : ""
  }

  oneOf<A>(field: FieldOf<"text">, values: ReadonlyArray<A>): A | undefined {
    const written = this.#written.get(field)
    const found = values.find((value) => value === written?.value)
    if (written === undefined || found !== undefined) return found
    throw new InvalidOptionError(field, `one of ${values.join(", ")}`, written.value)
  }

  toggle(field: FieldOf<"toggle">): boolean | undefined {
    const value = this.#written.get(field)?.value
    if (value === undefined || typeof value === "boolean") return value
    throw new InvalidOptionError(field, "true or false", value)
  }

  /** The error about a field, in the words of the person who wrote it, or who wrote only what stands beside it. */
  inTheirWords(error: InvalidOptionError): InvalidOptionError {
    const { expected, option } = error
    for (const [field, { source, value }] of this.#written) {
      if (field !== option) continue
      return field === "adminToken"
        ? new InvalidOptionError(source, expected)
        : new InvalidOptionError(source, expected, value)
    }
    for (const [field, { source }] of this.#written) {
      if (groupOf(field) === groupOf(option)) return new InvalidOptionError(source.replace(field, option), expected)
    }
    return error
  }
}
