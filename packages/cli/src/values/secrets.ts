/** What must never be printed, found in what was given to the program, and taken out of what it writes. Pure. */
import { escape } from "effect/RegExp"

/** A text shorter than this is no key, and taking it out everywhere would ruin what is written. */
const shortest = 8

/** What begins as a key of the vendor does and is long enough for one, wherever it stands. */
const looksLikeKey = /pollo_[\w-]{8,}/gi

/** The words of an address that tell no secret. Anything else in its path may be a key that was put there by mistake. */
const plainSegment = /^(api|platform|credits?|balance|v\d{1,3})$/

const segmentsOf = (url: URL): ReadonlyArray<string> => url.pathname.split("/").filter((segment) => segment !== "")

/** An address without what may be a secret in it: user name, password, query, and the unusual parts of its path. */
export const shownAddress = (address: string): string => {
  const url = URL.canParse(address) ? new URL(address) : undefined
  if (url === undefined) return "an address that is no URL"
  return [url.origin, ...segmentsOf(url).map((segment) => plainSegment.test(segment) ? segment : "…")].join("/")
}

/** What servers quote a text as. */
const formsOf = (text: string): ReadonlyArray<string> => {
  const bytes = Buffer.from(text)
  return [
    text,
    encodeURIComponent(text),
    JSON.stringify(text).slice(1, -1),
    bytes.toString("hex"),
    bytes.toString("base64").replace(/=+$/, ""),
    bytes.toString("base64url")
  ]
}

const decoded = (segment: string): string => {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}

/** The forms of every secret that can be told from a key, an address and the words of a command line. */
export const secretsOf = (given: {
  readonly key?: string | undefined
  readonly baseUrl?: string | undefined
  readonly words?: ReadonlyArray<string>
}): ReadonlyArray<string> => {
  const { baseUrl = "", key = "", words = [] } = given
  const segments = URL.canParse(baseUrl) ? segmentsOf(new URL(baseUrl)).filter((each) => !plainSegment.test(each)) : []
  const typed = [...words, baseUrl].flatMap((word) => word.match(looksLikeKey) ?? [])
  const found = [key, ...segments, ...segments.map(decoded), ...typed].filter(({ length }) => length >= shortest)
  // The longest first: a part of one may be another.
  return Array.from(new Set(found.flatMap(formsOf))).toSorted((one, other) => other.length - one.length)
}

/** The text without any of them, in capitals or not. */
export const redact = (text: string, secrets: ReadonlyArray<string>): string =>
  secrets.reduce((left, secret) => left.replaceAll(new RegExp(escape(secret), "gi"), "<redacted>"), text)
