/** Removes the key from text of a server, in every form in which a server may echo it. */

/** A shorter key is not searched, because it is a part of too many words. */
const shortestSearched = 8
/**
 * Longer than any real key. For a longer key the whole text is dropped, because its pattern would take too long to
 * build.
 */
const longestSearched = 1024

const redacted = "<redacted>"

export type Scrub = (text: string) => string

/** Makes a function that removes the key, which must be visible ASCII. Its pattern is built at the first use. */
export const scrubber = (key: string): Scrub => {
  if (key.length < shortestSearched) return (text) => text
  if (key.length > longestSearched) return () => redacted
  let forms: ReadonlyArray<RegExp> | undefined
  return (text) => {
    forms ??= formsOf(key)
    return forms.reduce((scrubbed, form) => scrubbed.replace(form, redacted), text)
  }
}

const formsOf = (key: string): ReadonlyArray<RegExp> => [
  new RegExp(escaped(key), "gi"),
  new RegExp(hexadecimal(key), "gi"),
  new RegExp([0, 1, 2].map((offset) => base64(key, offset)).join("|"), "g")
]

const hex = (char: string): string => char.charCodeAt(0).toString(16).padStart(2, "0")
const literal = (char: string): string => `\\x${hex(char)}`
const bothCases = (char: string): ReadonlyArray<string> => [...new Set([char.toLowerCase(), char.toUpperCase()])]
const anyOf = (patterns: ReadonlyArray<string>): string => `(?:${patterns.join("|")})`
/** Hexadecimal digits in either case, for patterns that otherwise tell cases apart. */
const digits = (char: string): string => hex(char).replaceAll(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`)

const entities: Readonly<Record<string, string>> = { "&": "amp", "<": "lt", ">": "gt", "\"": "quot", "'": "apos" }

/**
 * One character in any of its spellings: as it is, percent-encoded (once or more often), with an escape of JSON or
 * JavaScript (the backslashes of which may be escaped again), or as an HTML entity.
 */
const spellings = (char: string): ReadonlyArray<string> => {
  const entity = entities[char]
  return [
    `%(?:25)*(?:u00)?${digits(char)}`,
    `\\\\{1,8}(?:u\\{?0*|x)${digits(char)}\\}?`,
    `&#(?:0*${char.charCodeAt(0)}|[xX]0*${digits(char)});`,
    ...(entity === undefined ? [] : [`&${entity};`]),
    ...(char === "/" || char === "\"" || char === "'" ? [`\\\\{1,8}${literal(char)}`] : []),
    literal(char)
  ]
}

const spelled = (char: string): string => anyOf(spellings(char))

/**
 * Repeatedly escaped backslashes are matched as one run: a pattern for each of them would have too many ways to match.
 */
const backslashes = (count: number): string =>
  anyOf([`${spelled("\\")}{${count}}`, `\\\\{${count * 4}}`, `\\\\{${count * 2}}`])

const escaped = (text: string): string =>
  Array.from(
    text.matchAll(/\\+|[^\\]/g),
    ([part]) => part.startsWith("\\") ? backslashes(part.length) : anyOf(bothCases(part).map(spelled))
  ).join("")

const hexadecimal = (key: string): string =>
  Array.from(key, (char) => anyOf(bothCases(char).map(hex))).join("(?:\\\\x|0x|[\\s:,-]){0,3}")

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

/**
 * The key in base64 or base64url when it begins `offset` bytes into a group of three. Digits at its ends that also hold
 * bits of the text beside the key are included.
 */
const base64 = (key: string, offset: number): string => {
  let bits = ""
  for (const char of key) bits += char.charCodeAt(0).toString(2).padStart(8, "0")
  const mixed = (6 - (offset * 8) % 6) % 6
  const whole = bits.slice(mixed).match(/.{6}/g) ?? []
  const pattern = whole.map((six) => {
    const digit = alphabet[Number.parseInt(six, 2)] ?? ""
    return digit === "+" ? anyOf([spelled("+"), "-"]) : digit === "/" ? anyOf([spelled("/"), "_"]) : digit
  }).join("\\s*")
  const neighbour = "[\\w+/-]?"
  return `${mixed === 0 ? "" : neighbour}${pattern}${(bits.length - mixed) % 6 === 0 ? "" : neighbour}=*`
}
