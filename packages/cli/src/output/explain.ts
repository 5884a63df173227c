/** What to tell a person about each failure: what happened, the likely reason, and what to do. */
import * as Duration from "effect/Duration"
import type { ExitName } from "../values/exit-codes.ts"
import { credits, printable } from "../values/figures.ts"
import type { Failure } from "../values/problems.ts"
import * as reasons from "./reasons.ts"

export interface Explanation {
  readonly exit: ExitName
  readonly what: string
  readonly why?: string
  readonly fix: string
}

/** Where people buy credits. The address is from the vendor's page on this call. */
const billing = "https://pollo.ai/api-platform/billing"

export const explain = (failure: Failure, setup: reasons.Setup = reasons.plainSetup): Explanation => {
  switch (failure._tag) {
    case "PolloBadRequest":
      return {
        exit: "PolloBadRequest",
        what: `the API refused the request: ${said(failure)}`,
        why: "it no longer accepts what this version sends, or a proxy altered the request",
        fix: reasons.runCheck
      }
    case "PolloUnauthorized":
      return {
        exit: "PolloUnauthorized",
        what: `the API did not accept the key: ${said(failure)}`,
        ...reasons.unauthorized(failure, setup)
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
        what: `${
          reasons.isFromApi(failure) ? "the API does not know this key" : "there is no balance at this address"
        }: ${said(failure)}`,
        ...reasons.notFound(failure, setup)
      }
    case "PolloRateLimited":
      return {
        exit: "PolloRateLimited",
        what: `the API asks to slow down: ${said(failure)}`,
        why: "more requests were sent with this key than its limit allows",
        fix: `ask again ${reasons.soon(failure.retryAfter)}, and less often`
      }
    case "PolloServerError":
      return {
        exit: "PolloServerError",
        what: `the API failed: ${said(failure)}`,
        ...reasons.serverError(failure),
        ...reasons.standIn(failure.status, setup)
      }
    case "PolloApiError":
      return {
        exit: "PolloApiError",
        what: `the API gave an unusual answer: ${said(failure)}`,
        why: "the API changed, or a proxy answered in its place",
        fix: reasons.runCheck,
        ...reasons.standIn(failure.status, setup)
      }
    case "PolloTransportError":
      return {
        exit: "PolloTransportError",
        what: `no whole answer from the API${failure.code === undefined ? "" : ` (${failure.code})`}`,
        ...reasons.transport(failure, setup)
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
      return { exit: "PolloInvalidResponse", ...reasons.invalid(failure, setup) }
    case "PolloConfigError":
      return { exit: "Setup", what: `${failure.field} ${upTo(";", failure.problem)}`, ...reasons.config(failure.field) }
    case "Misuse":
      return { exit: "Misuse", what: failure.problem, fix: "see --help" }
    case "KeyFileProblem":
      return {
        exit: "Setup",
        what: `the file of ${failure.flag} ${keyFile[failure.reason]}${
          failure.path === undefined ? "" : `: ${printable(failure.path)}`
        }`,
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
    case "CannotListen":
      return { exit: "Setup", ...reasons.cannotListen(failure.code) }
    case "NoRedis":
      return { exit: "NoRedis", ...reasons.noRedis(failure) }
    case "NotFreed":
      return failure.reason === "Unknown"
        ? {
          exit: "NotFreed",
          what: "there is no hold with that id",
          why: "it has ended meanwhile, or the id or the account is another",
          fix: "\"pollo-credits budget\" shows the ids of all holds"
        }
        : { exit: "NotFreed", what: "nothing was freed", fix: "answer y to free it" }
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

const upTo = (mark: string, text: string): string => text.split(mark, 1)[0] ?? text

const keyFile = {
  NotFound: "does not exist",
  NotReadable: "cannot be read",
  NotAFile: "is no file",
  TooLarge: "is too large to be a key",
  Silent: "is a pipe or a device that says nothing"
} as const
