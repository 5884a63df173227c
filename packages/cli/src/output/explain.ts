/** What to tell a person about each failure: what happened, why it likely did, and what to do. */
import type { PolloInvalidResponse, PolloTransportError } from "@effect-pollo/client"
import * as Duration from "effect/Duration"
import type { ExitName } from "../values/exit-codes.ts"
import { credits, printable } from "../values/figures.ts"
import type { Failure } from "../values/problems.ts"

export interface Explanation {
  readonly exit: ExitName
  readonly what: string
  readonly why?: string
  readonly fix: string
}

/** Where people buy credits: the address in the vendor's page on this call. */
const billing = "https://pollo.ai/api-platform/billing"
const runCheck = "run \"pollo-credits check\" to see what changed, then upgrade @effect-pollo/cli"

export const explain = (failure: Failure): Explanation => {
  switch (failure._tag) {
    case "PolloBadRequest":
      return {
        exit: "PolloBadRequest",
        what: `the API refused the request: ${said(failure)}`,
        why: "it no longer accepts what this version sends, or a proxy altered the request",
        fix: runCheck
      }
    case "PolloUnauthorized":
      return {
        exit: "PolloUnauthorized",
        what: `the API did not accept the key: ${said(failure)}`,
        why: "the key is mistyped, was revoked, or belongs to another site than POLLO_BASE_URL",
        fix: "put a current key into POLLO_API_KEY, or into the file of --api-key-file"
      }
    case "PolloForbidden":
      return {
        exit: "PolloForbidden",
        what: `the key may not read the balance: ${said(failure)}`,
        why: "the account lacks the right, was blocked, or has no credits for the API",
        fix: `look at the account: ${billing}`
      }
    case "PolloNotFound":
      return {
        exit: "PolloNotFound",
        what: `there is no balance at this address: ${said(failure)}`,
        why: "POLLO_BASE_URL points elsewhere, or the API moved",
        fix: "unset POLLO_BASE_URL, or correct it; --verbose shows the address that was asked"
      }
    case "PolloRateLimited":
      return {
        exit: "PolloRateLimited",
        what: `the API asks to slow down: ${said(failure)}`,
        why: "more requests were sent with this key than its limit allows",
        fix: `ask again ${soon(failure.retryAfter)}, and less often`
      }
    case "PolloServerError":
      return {
        exit: "PolloServerError",
        what: `the API failed: ${said(failure)}`,
        why: "a fault on the vendor's side, or of a proxy on the way",
        fix: `ask again ${soon(failure.retryAfter)}; if it lasts, tell the vendor the request id that --verbose shows`
      }
    case "PolloApiError":
      return {
        exit: "PolloApiError",
        what: `the API gave an unusual answer: ${said(failure)}`,
        why: "the API changed, or a proxy answered in its place",
        fix: runCheck
      }
    case "PolloTransportError":
      return {
        exit: "PolloTransportError",
        what: `no whole answer from the API${failure.code === undefined ? "" : ` (${failure.code})`}`,
        ...transport(failure)
      }
    case "PolloTimeout":
      return {
        exit: "PolloTimeout",
        what: `no answer within ${time(failure.timeout)}${
          failure.phase === "attempt" ? ", the limit of one attempt" : ", all attempts and waits included"
        }`,
        why: "the API or the network on the way is slow or stuck",
        fix: `ask again later, or allow more time: ${
          failure.phase === "attempt" ? "POLLO_ATTEMPT_TIMEOUT" : "POLLO_DEADLINE"
        }="1 minute"`
      }
    case "PolloInvalidResponse":
      return { exit: "PolloInvalidResponse", ...invalid(failure) }
    case "PolloConfigError":
      return { exit: "Setup", what: `${failure.field} ${upTo(";", failure.problem)}`, ...config(failure.field) }
    case "Misuse":
      return { exit: "Misuse", what: failure.problem, fix: "see --help" }
    case "KeyFileProblem":
      return {
        exit: "Setup",
        what: `the file of --api-key-file ${keyFile[failure.reason]}: ${printable(failure.path)}`,
        why: "the path is mistyped, or this user may not read it",
        fix: "name a file that holds the key and nothing else, with mode 600"
      }
    case "MockNotInstalled":
      return {
        exit: "Setup",
        what: "the mock server is not installed",
        why: "it is a package of its own, for those who want it",
        fix: "npm install @effect-pollo/mock-server, beside @effect-pollo/cli"
      }
    case "MockCannotListen":
      return {
        exit: "Setup",
        what: printable(upTo(". ", failure.problem)),
        why: "another program has the port, or this machine has no such address",
        fix: "choose another --port (0 for any free one) or --host"
      }
    case "OutputFailed":
      return {
        exit: "Setup",
        what: `standard output cannot be written (${failure.code})`,
        why: "the disk is full, or the file or terminal behind it is gone",
        fix: "make room, or write somewhere else"
      }
    case "BelowMinimum":
      return {
        exit: "BelowMinimum",
        what: `${credits(failure.availableCredits)} credits are left, fewer than the ${
          credits(failure.min)
        } asked for with --min`,
        why: "jobs spent them, or credits of the account ran out of time",
        fix: `buy credits: ${billing}`
      }
    case "SpecDiffers":
      return {
        exit: "SpecDiffers",
        what: `the API differs from its published description: ${failure.names.join(", ")}`,
        why: "the vendor changed the API, or a proxy altered the answer",
        fix: "see whether your programs mind; accept a difference that you know with --allow NAME"
      }
  }
}

interface Said {
  readonly message: string
  readonly status: number
  readonly code: string
  readonly issues: ReadonlyArray<{ readonly message: string }>
}

/** The server's own words. They come from outside, so they are made harmless to a terminal. */
const said = ({ code, issues, message, status }: Said): string =>
  `${printable([message, ...issues.map((issue) => issue.message)].join("; "))} (${status} ${printable(code)})`

const time = (duration: Duration.Duration): string => Duration.format(duration)

/** A wait of zero says no more than none at all: whoever was just refused should not ask at once. */
const soon = (retryAfter: Duration.Duration | undefined): string =>
  retryAfter === undefined || Duration.isZero(retryAfter) ? "later" : `in ${time(retryAfter)}`

const upTo = (mark: string, text: string): string => text.split(mark, 1)[0] ?? text

type Reason = Pick<Explanation, "why" | "fix">

const transport = ({ code = "" }: PolloTransportError): Reason => {
  if (code === "ECONNREFUSED") {
    return { why: "nothing listens at that address", fix: "check POLLO_BASE_URL; --verbose shows the address" }
  }
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") {
    return {
      why: "the host name is unknown, or this machine has no network",
      fix: "check POLLO_BASE_URL and the network"
    }
  }
  if (/CERT|TLS|SSL|SIGNATURE|ISSUER/.test(code)) {
    return {
      why: "the certificate is not trusted: a proxy in between, a wrong clock, or an expired certificate",
      fix: "check the clock; for a proxy's own authority set NODE_EXTRA_CA_CERTS"
    }
  }
  return { why: "the connection broke, or could not be made", fix: "ask again later; check the network and any proxy" }
}

const invalid = ({ reason, status }: PolloInvalidResponse): Omit<Explanation, "exit"> => {
  const answered = `the API answered with status ${status}`
  const standIn = "a proxy or a sign-in page answered in its place, or the API changed"
  switch (reason) {
    case "NotJson":
      return { what: `${answered} and a body that is not JSON`, why: standIn, fix: runCheck }
    case "Schema":
      return { what: `${answered} and a body that is no balance`, why: "the API changed", fix: runCheck }
    case "TooLarge":
      return { what: `${answered} and a body far too large for a balance`, why: standIn, fix: runCheck }
    case "Redirect":
      return {
        what: "the API answered with a redirect, which is not followed: the key would go to another address",
        why: "the API moved, or a sign-in page is in the way",
        fix: "if you trust the new address, put it into POLLO_BASE_URL"
      }
    case "Intercepted":
      return {
        what: `a CDN or a proxy answered in place of the API, with a page of its own and status ${status}`,
        why:
          "it holds this machine for a browser or a bot, or wants somebody to sign in; key and account do not matter",
        fix: "ask again later, or from another network; check the proxy that this machine uses"
      }
  }
}

const config = (field: string): Reason => {
  switch (field) {
    case "POLLO_API_KEY":
      return {
        why: "the key is read from this variable or from --api-key-file, never from a flag that others can see",
        fix: "export POLLO_API_KEY with the key of your Pollo AI account, without quotation marks or line breaks in it"
      }
    case "--api-key-file":
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

const keyFile = {
  NotFound: "does not exist",
  NotReadable: "cannot be read",
  NotAFile: "is no file",
  TooLarge: "is too large to be a key"
} as const
