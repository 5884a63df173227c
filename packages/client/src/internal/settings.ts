/** What a client is built from, checked. Values are never repeated: they may be, or hold, a key. */
import type * as HttpClient from "effect/http/HttpClient"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as policies from "./call/policy.ts"
import * as check from "./options.ts"

export const defaultBaseUrl = "https://pollo.ai/api/platform"

/** A line break in the key would be quoted by transports in their errors. */
const apiKey: check.Check<string> = (field, input) => {
  // A Redacted that was wiped throws.
  const value: unknown = Result.getOrUndefined(Result.try(() => Redacted.isRedacted(input) && Redacted.value(input)))
  if (typeof value !== "string") {
    return check.refuse(field, "must be a Redacted string; wrap the key with Redacted.make")
  }
  if (value === "") return check.refuse(field, "must not be empty; create a key on the vendor's API page")
  return /^[\x21-\x7e]+$/.test(value)
    ? Result.succeed(value)
    : check.refuse(
      field,
      "must be visible ASCII without white space; look for a line break or quotation mark copied along"
    )
}

/** As it was given. */
const baseUrl: check.Check<string> = (field, input) => {
  const given = typeof input === "string" ? input : input instanceof URL ? input.href : undefined
  if (given === undefined || !URL.canParse(given)) {
    return check.refuse(field, `must be an absolute URL, such as ${defaultBaseUrl}`)
  }
  const url = new URL(given)
  if (url.protocol !== "https:" && url.protocol !== "http:") return check.refuse(field, "must be an https URL")
  if (url.username !== "" || url.password !== "") {
    return check.refuse(field, "must not contain a user name or password")
  }
  if (/[?#]/.test(given)) return check.refuse(field, "must not have a query or a fragment")
  return Result.succeed(url.href)
}

type Transform = (client: HttpClient.HttpClient) => HttpClient.HttpClient

const transformClient: check.Check<Transform> = check.matching(
  (input): input is Transform => typeof input === "function",
  "must be a function that takes an HttpClient and returns one"
)

const fields = check.options({
  apiKey,
  baseUrl: check.withDefault(baseUrl, defaultBaseUrl),
  allowInsecureBaseUrl: check.withDefault(check.flag, false),
  maxBodySize: check.withDefault(check.wholeNumber(1, "number of bytes"), 64 * 1024),
  propagateTrace: check.withDefault(check.flag, false),
  policy: check.withDefault(policies.patch, {}),
  transformClient: check.optional(transformClient)
})

export const validate = (options: unknown) =>
  Result.flatMap(fields(options), ({ allowInsecureBaseUrl, baseUrl, policy, ...rest }) => {
    const url = new URL(baseUrl)
    return url.protocol === "http:" && !allowInsecureBaseUrl && !isLoopback(url.hostname)
      ? check.refuse(
        "baseUrl",
        "must be https, since the key travels in a header; for plain http set allowInsecureBaseUrl"
      )
      : Result.succeed({
        ...rest,
        baseUrl: baseUrl.replace(/\/+$/, ""),
        policy: policies.apply(policies.defaults, policy)
      })
  })

/**
 * The URL parser has already brought every spelling of an IPv4 address (`127.1`, `0x7f.1`, `2130706433`) into dotted
 * form and of an IPv6 address into its shortest. Names below `.localhost` are not loopback: where the system has no
 * rule of its own for them, a DNS server decides where the key goes. `localhost.` is a name of DNS too.
 */
const isLoopback = (hostname: string): boolean =>
  hostname === "localhost" || hostname === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(hostname)
