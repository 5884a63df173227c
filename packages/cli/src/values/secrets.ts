/** Finds the secrets in what the program was given, and removes them from what it writes. Pure. */
import { type Scrub, scrubber } from "@effect-pollo/protocol"

/**
 * Text that begins like a key of the vendor and is long enough for one, anywhere in a text. Names of files and
 * programs, such as `pollo_api_key`, do not match.
 */
const looksLikeKey = /pollo_(?=[\w-]*[A-Z\d]|[\w-]{24})[\w-]{8,}/g

/**
 * The words in the path of an address that are no secret. Any other word may be a key that was put there by mistake.
 */
const plainSegment = /^(api|platform|credits?|balance|v\d{1,3})$/

const segmentsOf = (url: URL): ReadonlyArray<string> => url.pathname.split("/").filter((segment) => segment !== "")

/** An address without the parts that may be a secret: user name, password, query, and unusual words of its path. */
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
 * Makes a function that removes the secrets found in a key, an address and the words of a command line, in every form
 * in which servers may quote them.
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
  // The longest first, because one secret may be a part of another.
  const scrubs = Array.from(secrets).toSorted((one, other) => other.length - one.length).map(scrubber)
  return (text) => scrubs.reduce((left, scrub) => scrub(left), text)
}
