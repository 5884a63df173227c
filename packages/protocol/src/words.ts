/** The messages of errors that have no message from the server. */
import type { InvalidReason } from "./codes.ts"

export const transportMessage = (code: string | undefined): string =>
  `no whole response from the server${code === undefined ? "" : ` (${code})`}`

export const timeoutMessage = (phase: "attempt" | "deadline", timeout: string): string =>
  `the ${phase === "attempt" ? "attempt" : "call"} took longer than ${timeout}`

const reasons: Readonly<Record<InvalidReason, string>> = {
  NotJson: "the body is not JSON",
  Schema: "the body is JSON of a shape the API does not document",
  Redirect: "the server redirects elsewhere, where the key must not follow; check the base URL",
  TooLarge: "the body is larger than `maxBodySize`",
  Intercepted: "a CDN or a proxy answered with a page of its own, and the API has not seen the request; " +
    "the key and the account are not the reason"
}

export const invalidMessage = (status: number, reason: InvalidReason): string => `status ${status}: ${reasons[reason]}`
