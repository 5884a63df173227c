/**
 * What an answer means: a balance, or the one error that fits it.
 *
 * Status and headers decide the class, in this order: 429 asks to slow down; a `cf-mitigated` header, or a web page
 * with 401, 403, 407 or 511, comes from a CDN or a proxy in place of the API; a redirect is refused; the rest is the
 * table of statuses. The body of an answer other than a 200 only adds a message: the class stays the same even if that
 * body never arrives.
 */
import { effectiveStatus, httpCode, type InvalidReason, statusNamed, type StatusTag, tagOfStatus } from "./codes.ts"
import { retryAfterMillis } from "./retryAfter.ts"
import type { Scrub } from "./scrub.ts"

/** The head of a response. */
export interface Head {
  readonly status: number
  /** A header by its name in lower case. */
  readonly header: (name: string) => string | undefined
  /** Whether the response is a redirect, or the result of one that was followed. */
  readonly redirect: boolean
  /** The local time, for a `Retry-After` with a date in a response without a `Date` header. */
  readonly nowMillis: number
}

interface Said {
  readonly status: number
  readonly code: string
  readonly message: string
  readonly issues: ReadonlyArray<string>
  readonly requestId: string | undefined
}

type Patient = Extract<StatusTag, "PolloRateLimited" | "PolloServerError">

export type Balance = {
  readonly _tag: "Balance"
  readonly availableCredits: number
  readonly totalCredits: number
}

export type Problem =
  | { readonly _tag: Exclude<StatusTag, Patient> } & Said
  | { readonly _tag: Patient; readonly retryAfter: number | undefined } & Said
  | {
    readonly _tag: "PolloInvalidResponse"
    readonly reason: InvalidReason
    readonly status: number
    readonly requestId: string | undefined
    readonly retryAfter: number | undefined
  }

/** Durations are milliseconds. */
export type Verdict = Balance | Problem

const longestText = 1_000
const mostIssues = 20

/**
 * Text of the server, first without the key and then cut. In the other order, part of a key could remain at the cut.
 */
const kept = (text: string, scrub: Scrub): string => {
  const cut = scrub(text).slice(0, longestText)
  // Removes half of a surrogate pair at the cut.
  return cut.length === longestText && /[\ud800-\udbff]$/.test(cut) ? cut.slice(0, -1) : cut
}

const requestIdOf = (head: Head, scrub: Scrub): string | undefined => {
  const id = head.header("x-request-id")
  return id === undefined ? undefined : kept(id, scrub)
}

const retryAfterOf = ({ header, nowMillis }: Head): number | undefined =>
  retryAfterMillis(header("retry-after"), header("date"), nowMillis)

export const invalid = (head: Head, reason: InvalidReason, scrub: Scrub): Problem => ({
  _tag: "PolloInvalidResponse",
  reason,
  status: head.status,
  requestId: requestIdOf(head, scrub),
  retryAfter: reason === "Intercepted" ? retryAfterOf(head) : undefined
})

const isWebPage = (head: Head): boolean => /^\s*text\/html\b/i.test(head.header("content-type") ?? "")

const isIntercepted = (head: Head): boolean => {
  if (head.header("cf-mitigated") !== undefined) return true
  const { status } = head
  return (status === 401 || status === 403 || status === 407 || status === 511) && isWebPage(head)
}

/**
 * The error that follows from the head alone; `undefined` for a 200, whose body decides. `worded` says whether the body
 * may add the server's message.
 */
export const verdictOfHead = (
  head: Head,
  scrub: Scrub
): { readonly problem: Problem; readonly worded: boolean } | undefined => {
  if (head.status === 429) return { problem: serverError(head, undefined, scrub), worded: true }
  if (isIntercepted(head)) return { problem: invalid(head, "Intercepted", scrub), worded: false }
  if (head.redirect) return { problem: invalid(head, "Redirect", scrub), worded: false }
  return head.status === 200 ? undefined : { problem: serverError(head, undefined, scrub), worded: true }
}

/** The verdict on an answer with its body. */
export const verdictOfBody = (head: Head, body: string, scrub: Scrub): Verdict => {
  const json = parse(body)
  if (head.status !== 200) return serverError(head, json, scrub)
  if (json === undefined) return invalid(head, "NotJson", scrub)
  // Four independent public clients unwrap `{code: "SUCCESS", message, data}`; the published description has no
  // wrapper.
  const data = field(json, "data")
  const named = [json, data].find((part) => statusNamed(text(part, "code") ?? "") !== undefined)
  if (named !== undefined) return serverError(head, named, scrub)
  const balance = balanceIn(json) ?? balanceIn(data)
  if (balance !== undefined) return balance
  const code = text(json, "code")
  return code !== undefined && code.toUpperCase() !== "SUCCESS" && typeof field(json, "message") === "string"
    ? serverError(head, json, scrub)
    : invalid(head, "Schema", scrub)
}

const serverError = (head: Head, body: unknown, scrub: Scrub): Problem => {
  const given = text(body, "code")
  const code = given ?? httpCode(head.status)
  const status = given === undefined ? head.status : decisive(head.status, given)
  const scrubbed = kept(code, scrub)
  const said: Said = {
    status: head.status,
    // The server's code may have been the key, which is removed; the status that it stood for must be kept.
    code: effectiveStatus(head.status, scrubbed) === status ? scrubbed : httpCode(status),
    message: kept(text(body, "message") ?? `the server answered with status ${head.status}`, scrub),
    issues: issues(body).map((issue) => kept(issue, scrub)),
    requestId: requestIdOf(head, scrub)
  }
  const _tag = tagOfStatus(status)
  return _tag === "PolloRateLimited" || _tag === "PolloServerError"
    ? { _tag, ...said, retryAfter: retryAfterOf(head) }
    : { _tag, ...said }
}

const decisive = (status: number, code: string): number => status === 200 ? statusNamed(code) ?? status : status

const parse = (body: string): unknown => {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}

const field = (body: unknown, name: string): unknown =>
  typeof body === "object" && body !== null && Object.hasOwn(body, name) ? Reflect.get(body, name) : undefined

const text = (body: unknown, name: string): string | undefined => {
  const value = field(body, name)
  return typeof value === "string" && value !== "" ? value : undefined
}

const issues = (body: unknown): ReadonlyArray<string> => {
  const listed = field(body, "issues")
  if (!Array.isArray(listed)) return []
  const found: Array<string> = []
  for (const issue of listed) {
    const message = text(issue, "message")
    if (message !== undefined) found.push(message)
    if (found.length === mostIssues) break
  }
  return found
}

const balanceIn = (body: unknown): Balance | undefined => {
  const availableCredits = field(body, "availableCredits")
  const totalCredits = field(body, "totalCredits")
  return Number.isFinite(availableCredits) && Number.isFinite(totalCredits)
    ? { _tag: "Balance", availableCredits: Number(availableCredits), totalCredits: Number(totalCredits) }
    : undefined
}
