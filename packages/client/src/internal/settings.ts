/** The one check of what a client is built from. Values are never repeated: they may be, or hold, a key. */
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import { PolloConfigError } from "../PolloConfigError.ts"

export const defaultBaseUrl = "https://pollo.ai/api/platform"
export const defaultMaxBodySize = 64 * 1024

const refuse = (field: string, problem: string) => Result.fail(new PolloConfigError({ field, problem }))

/** Unwraps the key, the only place that does. A line break in it would be quoted by transports in their errors. */
export const checkApiKey = (apiKey: Redacted.Redacted<string>): Result.Result<string, PolloConfigError> => {
  // A Redacted that was wiped throws.
  const value: unknown = Result.getOrUndefined(Result.try(() => Redacted.value(apiKey)))
  if (typeof value !== "string") return refuse("apiKey", "must be a Redacted string; wrap the key with Redacted.make")
  if (value === "") return refuse("apiKey", "must not be empty; create a key on the vendor's API page")
  return /^[\x21-\x7e]+$/.test(value)
    ? Result.succeed(value)
    : refuse(
      "apiKey",
      "must be visible ASCII without white space; look for a line break or quotation mark copied along"
    )
}

/** The base URL without a trailing slash. */
export const checkBaseUrl = (
  baseUrl: string | URL,
  allowInsecure: boolean
): Result.Result<string, PolloConfigError> => {
  const given = String(baseUrl)
  if (!URL.canParse(given)) return refuse("baseUrl", `must be an absolute URL, such as ${defaultBaseUrl}`)
  const url = new URL(given)
  if (url.protocol !== "https:" && url.protocol !== "http:") return refuse("baseUrl", "must be an https URL")
  if (url.username !== "" || url.password !== "") return refuse("baseUrl", "must not contain a user name or password")
  if (/[?#]/.test(given)) return refuse("baseUrl", "must not have a query or a fragment")
  if (url.protocol === "http:" && !allowInsecure && !isLoopback(url.hostname)) {
    return refuse(
      "baseUrl",
      "must be https, since the key travels in a header; for plain http set allowInsecureBaseUrl"
    )
  }
  return Result.succeed(url.href.replace(/\/+$/, ""))
}

/** The URL parser has already brought every spelling of an IPv4 address into dotted form. */
const isLoopback = (hostname: string): boolean =>
  hostname === "localhost" || hostname.endsWith(".localhost") || hostname === "[::1]" ||
  /^127\.\d+\.\d+\.\d+$/.test(hostname)

export const checkMaxBodySize = (bytes: number): Result.Result<number, PolloConfigError> =>
  Number.isSafeInteger(bytes) && bytes > 0
    ? Result.succeed(bytes)
    : refuse("maxBodySize", "must be a whole number of bytes, 1 or more")
