/** The likely reason for a failure and what to do, where that depends on more than the class of the failure. */
import type {
  PolloInvalidResponse,
  PolloNotFound,
  PolloServerError,
  PolloTransportError,
  PolloUnauthorized
} from "@effect-pollo/client"
import * as Duration from "effect/Duration"
import { printable } from "../values/figures.ts"
import type { NoRedis } from "../values/problems.ts"

/** The setup of this run: at another address or behind a proxy, the same failure has other likely causes. */
export interface Setup {
  /** Whether `POLLO_BASE_URL` names another address than the vendor's. */
  readonly ownAddress: boolean
  /** The variable that names the proxy of the requests, or `undefined` without a proxy. */
  readonly proxy: string | undefined
}

export const plainSetup: Setup = { ownAddress: false, proxy: undefined }

export interface Reason {
  readonly why: string
  readonly fix: string
}

export const runCheck = "run \"pollo-credits check\" to see what changed, then upgrade @effect-pollo/cli"

/** A `Retry-After` of zero is treated like none at all: a client that was just refused should not ask again at once. */
export const soon = (retryAfter: Duration.Duration | undefined): string =>
  retryAfter === undefined || Duration.isZero(retryAfter) ? "later" : `in ${Duration.format(retryAfter)}`

const newKey = "put a current key into POLLO_API_KEY, or into the file of --api-key-file"
const address = "unset POLLO_BASE_URL, or correct it; --verbose shows the address that was asked"

/**
 * The vendor answers a well-formed wrong key with a 404, so a 401 means that the text that was sent is not a key at
 * all.
 */
export const unauthorized = (_: PolloUnauthorized, { ownAddress }: Setup): Reason => ({
  why: `the key is incomplete or something else${ownAddress ? ", or belongs to another site than POLLO_BASE_URL" : ""}`,
  fix: newKey
})

/** Whether the API itself said so, in the error body that its description has. */
export const isFromApi = ({ code }: PolloNotFound): boolean => code !== "HTTP_404"

/**
 * The likelier cause comes first. With the API's own error body, the API does not know the key; a 404 without it comes
 * from a web server that is not the API.
 */
export const notFound = (failure: PolloNotFound, { ownAddress, proxy }: Setup): Reason => {
  const unknownKey = "the key is mistyped, was deleted, or belongs to another environment"
  if (isFromApi(failure)) {
    return ownAddress
      ? {
        why: `${unknownKey}; or else POLLO_BASE_URL points elsewhere`,
        fix: `${newKey}; then check POLLO_BASE_URL`
      }
      : { why: unknownKey, fix: newKey }
  }
  return ownAddress
    ? { why: `POLLO_BASE_URL points to a server that is not the API; or else ${unknownKey}`, fix: address }
    : {
      why: `the API moved, or ${
        proxy === undefined ? "a proxy" : `the proxy of ${proxy}`
      } answered in its place; or else ${unknownKey}`,
      fix: `check any proxy, then ${newKey}; "pollo-credits check" shows the answer`
    }
}

/** The statuses that a proxy, a network or a CDN sends for itself, whatever the class of the failure. */
export const standIn = (status: number, { proxy }: Setup): (Reason & { readonly what: string }) | undefined => {
  if (status === 407) {
    return {
      what: "a proxy on the way wants a user name and a password",
      why: `the API has not seen the request; ${
        proxy === undefined ? "the network sends requests through a proxy" : `${proxy} names the proxy`
      }`,
      fix: `put them into the URL of ${proxy ?? "HTTPS_PROXY"}, as http://user:password@proxy:port`
    }
  }
  if (status === 511) {
    return {
      what: "the network wants somebody to sign in first",
      why: "a hotel, an airport or a company asks for that; the API has not seen the request",
      fix: "open a web page in a browser on this machine, sign in, and ask again"
    }
  }
  return undefined
}

export const serverError = ({ retryAfter, status }: PolloServerError): Reason => ({
  why: status >= 520 && status <= 530
    ? "the CDN before the API got no proper answer from it"
    : "a fault on the vendor's side, or of a proxy on the way",
  fix: `ask again ${soon(retryAfter)}; if it lasts, tell the vendor the request id that --verbose shows`
})

/** The code for a 407, which `fetch` turns into a failure by its specification. */
export const proxyAuthenticationRequired = "PROXY_AUTHENTICATION_REQUIRED"

export const transport = ({ code = "" }: PolloTransportError, setup: Setup): Reason & { readonly what?: string } => {
  const { ownAddress, proxy } = setup
  const proxyWantsMore = code === proxyAuthenticationRequired ? standIn(407, setup) : undefined
  if (proxyWantsMore !== undefined) return proxyWantsMore
  const addresses = [...ownAddress ? ["POLLO_BASE_URL"] : [], ...proxy === undefined ? [] : [proxy]].join(" and ")
  const check = addresses === ""
    ? "check the network"
    : `check ${addresses}; --verbose shows the address that was asked`
  if (code === "ECONNREFUSED") {
    return { why: `nothing listens at ${proxy === undefined ? "that address" : `the address of ${proxy}`}`, fix: check }
  }
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") {
    return {
      why: "the host name is unknown, or this machine has no network",
      fix: addresses === "" ? check : `check ${addresses} and the network`
    }
  }
  if (/CERT|TLS|SSL|SIGNATURE|ISSUER/.test(code)) {
    return {
      why: "the certificate is not trusted: a proxy in between, a wrong clock, or an expired certificate",
      fix: "check the clock; for a proxy's own authority set NODE_EXTRA_CA_CERTS"
    }
  }
  return proxy === undefined
    ? { why: "the connection broke, or could not be made", fix: "ask again later; check the network and any proxy" }
    : {
      why: `the proxy of ${proxy} refused the connection or broke it`,
      fix: `check ${proxy} and the user name and password in it; NO_PROXY names hosts that are asked without it`
    }
}

export const invalid = (
  { reason, retryAfter, status }: PolloInvalidResponse,
  setup: Setup
): Reason & { readonly what: string } => {
  const answered = `the API answered with status ${status}`
  const inItsPlace = "a proxy or a sign-in page answered in its place, or the API changed"
  switch (reason) {
    case "NotJson":
      return { what: `${answered} and a body that is not JSON`, why: inItsPlace, fix: runCheck }
    case "Schema":
      return { what: `${answered} and a body that is no balance`, why: "the API changed", fix: runCheck }
    case "TooLarge":
      return { what: `${answered} and a body far too large for a balance`, why: inItsPlace, fix: runCheck }
    case "Redirect":
      return {
        what: "the API answered with a redirect, which is not followed: the key would go to another address",
        why: "the API moved, or a sign-in page is in the way",
        fix: "if you trust the new address, put it into POLLO_BASE_URL"
      }
    case "Intercepted":
      return standIn(status, setup) ?? {
        what: `a CDN or a proxy answered in place of the API, with a page of its own and status ${status}`,
        why: "it takes this machine for a bot, or wants somebody to sign in; the key and the account do not matter",
        fix: `ask again ${soon(retryAfter)}, or from another network; check any proxy that this machine uses`
      }
  }
}

export const cannotListen = (code: string): Reason & { readonly what: string } => ({
  what: `it cannot listen there (${code})`,
  ...code === "EADDRINUSE"
    ? { why: "another program listens on that port", fix: "stop it, or choose a port with --port; 0 is any free one" }
    : code === "EACCES"
    ? { why: "the system keeps that port from this user", fix: "choose a port above 1023 with --port" }
    : { why: "this machine has no such address", fix: "name one of its addresses with --host, or leave it out" }
})

/** What Redis said comes from outside. */
export const noRedis = ({ code, reason, said }: NoRedis): Reason & { readonly what: string } => {
  const suffix = code === undefined ? "" : ` (${printable(code)})`
  const refused = said === undefined ? `Redis refuses${suffix}` : printable(said)
  switch (reason) {
    case "Silent":
      return {
        what: `Redis gives no answer${suffix}`,
        why: "it is not at that address, is stopped, or the network on the way is down",
        fix: "check --redis or REDIS_URL; rediss:// is for a Redis with TLS"
      }
    case "Denied":
      return {
        what: refused,
        why: "the user name or password in the URL is missing or wrong, or that user may not do this",
        fix: "correct --redis or REDIS_URL, or the ACL, as the documentation of CreditBudgetRedis has it"
      }
    case "Busy":
      return {
        what: refused,
        why: "it is starting, is full, or is a replica",
        fix: "ask again later; check that the URL names the Redis which the programs use"
      }
  }
}

export const config = (field: string): Reason => {
  switch (field) {
    case "POLLO_API_KEY":
      return {
        why: "the key is read from this variable or from --api-key-file, never from a flag that others can see",
        fix: "export POLLO_API_KEY with the key of your Pollo AI account, without quotation marks or line breaks in it"
      }
    case "--api-key-file":
    case "--account":
      return { why: "the file holds something else than a key", fix: "put the key into it and nothing else" }
    case "POLLO_BASE_URL":
      return {
        why: "the key travels to that address; plain http is for loopback addresses alone",
        fix: "unset POLLO_BASE_URL for the vendor's API, or set it to an https URL"
      }
    default:
      return { why: "the variable holds something else", fix: `unset ${field} for the default, or correct it` }
  }
}
