/**
 * The rules for a key and for the address that it is sent to. A refused value is never repeated, because it may hold a
 * key.
 */

/** Where the vendor's API lives. */
export const defaultBaseUrl = "https://pollo.ai/api/platform"

/**
 * Why a text cannot be a key, or `undefined` if it can. Transports would quote a key with a line break in their errors.
 */
export const keyProblem = (key: string): string | undefined =>
  key === ""
    ? "must not be empty; create a key on the vendor's API page"
    : /^[\x21-\x7e]+$/.test(key)
    ? undefined
    : "must be visible ASCII without white space; look for a line break or quotation mark copied along"

/** A base URL as the URL parser writes it, without a slash at its end, or the problem with it. */
export const readBaseUrl = (given: unknown): { readonly baseUrl: string } | { readonly problem: string } => {
  const text = given instanceof URL ? given.href : given
  if (typeof text !== "string" || !URL.canParse(text)) {
    return { problem: `must be an absolute URL, such as ${defaultBaseUrl}` }
  }
  const url = new URL(text)
  if (url.protocol !== "https:" && url.protocol !== "http:") return { problem: "must be an https URL" }
  if (url.username !== "" || url.password !== "") return { problem: "must not contain a user name or password" }
  if (/[?#]/.test(text)) return { problem: "must not have a query or a fragment" }
  return { baseUrl: url.href.replace(/\/+$/, "") }
}

/** The problem with a base URL to which the key would be sent in clear text, or `undefined` if there is none. */
export const clearTextProblem = (baseUrl: string): string | undefined => {
  const { hostname, protocol } = new URL(baseUrl)
  return protocol === "http:" && !isLoopback(hostname)
    ? "must be https, since the key travels in a header; for plain http set allowInsecureBaseUrl"
    : undefined
}

/**
 * Whether a host name, as the URL parser gives it, is this machine's own. The parser has already brought every spelling
 * of an IPv4 address (`127.1`, `0x7f.1`, `2130706433`) into dotted form and of an IPv6 address into its shortest. Names
 * below `.localhost` are not loopback: on a system without a rule for them, a DNS server decides where the key goes.
 * `localhost.` (with the dot) is a DNS name too.
 */
export const isLoopback = (hostname: string): boolean =>
  hostname === "localhost" || hostname === "[::1]" || /^127(\.\d+){3}$/.test(hostname)
