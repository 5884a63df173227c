/**
 * The rules for a key and for the address that it is sent to. What is refused is never repeated: it may be, or hold, a
 * key.
 */

/** Where the vendor's API lives. */
export const defaultBaseUrl = "https://pollo.ai/api/platform"

/** Why a text cannot be a key, if it cannot. A line break in it would be quoted by transports in their errors. */
export const keyProblem = (key: string): string | undefined =>
  key === ""
    ? "must not be empty; create a key on the vendor's API page"
    : /^[\x21-\x7e]+$/.test(key)
    ? undefined
    : "must be visible ASCII without white space; look for a line break or quotation mark copied along"

/** A base URL in the spelling of the URL parser, without a slash at its end, or why it cannot be one. */
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

/** Why a key must not be sent to a base URL in clear text, if it would be and must not. */
export const clearTextProblem = (baseUrl: string): string | undefined => {
  const { hostname, protocol } = new URL(baseUrl)
  return protocol === "http:" && !isLoopback(hostname)
    ? "must be https, since the key travels in a header; for plain http set allowInsecureBaseUrl"
    : undefined
}

/**
 * Whether a host name, as the URL parser gives it, is this machine's own. The parser has already brought every spelling
 * of an IPv4 address (`127.1`, `0x7f.1`, `2130706433`) into dotted form and of an IPv6 address into its shortest. Names
 * below `.localhost` are not loopback: where the system has no rule of its own for them, a DNS server decides where the
 * key goes. `localhost.` is a name of DNS too.
 */
export const isLoopback = (hostname: string): boolean =>
  hostname === "localhost" || hostname === "[::1]" || /^127(\.\d+){3}$/.test(hostname)
