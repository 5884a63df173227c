/** What must never be printed, found in what was given to the program, and taken out of what it writes. Pure. */
import { type Scrub, scrubber } from "@effect-pollo/protocol"

/**
 * What begins as a key of the vendor does and is long enough for one, wherever it stands. Words that people give to
 * files and programs, such as `pollo_api_key`, are not taken for keys.
 */
const looksLikeKey = /pollo_(?=[\w-]*[A-Z\d]|[\w-]{24})[\w-]{8,}/g

/**
 * The words of an address that tell no secret. Anything else in its path may be a key that was put there by mistake.
 */
const plainSegment = /^(api|platform|credits?|balance|v\d{1,3})$/

const segmentsOf = (url: URL): ReadonlyArray<string> => url.pathname.split("/").filter((segment) => segment !== "")

/** An address without what may be a secret in it: user name, password, query, and the unusual parts of its path. */
export const shownAddress = (address: string): string => {
  const url = URL.canParse(address) ? new URL(address) : undefined
  if (url === undefined) return "an address that is no URL"
  return [url.origin, ...segmentsOf(url).map((segment) => plainSegment.test(segment) ? segment : "…")].join("/")
}

const decoded = (segment: string): string => {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}

/**
 * Takes out every secret that can be told from a key, an address and the words of a command line, in every form in
 * which servers quote one.
 */
export const scrubOf = (given: {
  readonly key?: string | undefined
  readonly baseUrl?: string | undefined
  readonly words?: ReadonlyArray<string>
}): Scrub => {
  const { baseUrl = "", key = "", words = [] } = given
  const segments = URL.canParse(baseUrl) ? segmentsOf(new URL(baseUrl)).filter((each) => !plainSegment.test(each)) : []
  const typed = [...words, baseUrl].flatMap((word) => word.match(looksLikeKey) ?? [])
  const secrets = new Set([key, ...segments.map(decoded), ...typed].map((secret) => secret.trim()))
  // The longest first: a part of one may be another.
  const scrubs = Array.from(secrets).toSorted((one, other) => other.length - one.length).map(scrubber)
  return (text) => scrubs.reduce((left, scrub) => scrub(left), text)
}
