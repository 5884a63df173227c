/** A client of `fetch` as people write one, on the rules of the protocol, with the mistakes that such clients have. */
import {
  defaultPolicy,
  effectiveStatus,
  errorBodyMillis,
  type Head,
  invalid,
  isTransientInvalid,
  isTransientStatus,
  type Problem,
  readBaseUrl,
  type Scrub,
  scrubber,
  transportCode,
  type Verdict,
  verdictOfBody,
  verdictOfHead,
  waitBefore
} from "@effect-pollo/protocol"
import { baseUrl, key, type Policy, type Row } from "../../src/index.ts"
import type { ManualClock } from "./manualClock.ts"

export const mistakes = [
  "timeout around the headers alone",
  "redirect followed",
  "retry of a 401",
  "Retry-After ignored",
  "no cap on Retry-After",
  "key in the error",
  "deadline missing",
  "HTML taken for JSON",
  "retries without a wait",
  "timeout that leaves the request open",
  "trace headers sent along",
  "envelope not opened"
] as const

export type Mistake = typeof mistakes[number]

export class CallFailed extends Error {
  readonly fields: Readonly<Record<string, unknown>>
  constructor(fields: Readonly<Record<string, unknown>>, cause?: unknown) {
    super(String(fields["message"]), { cause })
    this.fields = fields
  }
}

export interface Surroundings {
  readonly fetch: typeof globalThis.fetch
  readonly clock: ManualClock
  /** From 0 to 1. */
  readonly random: () => number
}

interface Settings {
  readonly url: string
  readonly apiKey: string
  readonly maxBodySize: number
  readonly policy: typeof defaultPolicy
  readonly scrub: Scrub
  readonly has: (mistake: Mistake) => boolean
}

/** Merges policies: a later one wins, field by field. */
const merged = (policies: ReadonlyArray<Policy>): typeof defaultPolicy => ({
  ...Object.assign({}, defaultPolicy, ...policies),
  backoff: Object.assign({}, defaultPolicy.backoff, ...policies.map(({ backoff }) => backoff))
})

const settingsOf = (row: Row, mistake: Mistake | undefined): Settings => {
  const { apiKey = key, baseUrl: given = baseUrl, maxBodySize = 65_536 } = row.options ?? {}
  const read = readBaseUrl(given)
  if ("problem" in read) throw new Error(read.problem)
  const has = (asked: Mistake) => asked === mistake
  const policy = merged([row.policy ?? {}, ...(row.overrides ?? []).toReversed()])
  return {
    url: `${read.baseUrl}/credit/balance`,
    apiKey,
    maxBodySize,
    has,
    scrub: has("key in the error") ? (text) => text : scrubber(apiKey),
    policy: {
      ...policy,
      ...(has("deadline missing") ? { deadline: Infinity } : undefined),
      ...(has("no cap on Retry-After") ? { maxRetryAfter: Infinity } : undefined)
    }
  }
}

/** Makes the call that a row describes, with a client that has at most one mistake. */
export const call = async (row: Row, mistake: Mistake | undefined, around: Surroundings): Promise<object> => {
  const settings = settingsOf(row, mistake)
  const { has, policy } = settings
  const started = around.clock.now()
  const left = () => policy.deadline - (around.clock.now() - started)
  for (let number = 1;; number++) {
    try {
      return await attempt(settings, around, number, left())
    } catch (error) {
      if (!(error instanceof CallFailed)) throw error
      const { isRetryable, retryAfter, status } = error.fields
      const again = isRetryable === true || (has("retry of a 401") && status === 401)
      if (!again || number > policy.maxRetries) throw error
      const asked = typeof retryAfter === "number" && !has("Retry-After ignored") ? retryAfter : undefined
      const wait = has("retries without a wait") ? 0 : waitBefore(number, policy, around.random(), asked)
      if (wait === undefined || wait >= left()) throw error
      await around.clock.sleep(wait)
    }
  }
}

const attempt = async (settings: Settings, around: Surroundings, number: number, left: number): Promise<object> => {
  const { apiKey, has, policy, url } = settings
  const controller = new AbortController()
  const phase = left <= policy.attemptTimeout ? "deadline" : "attempt"
  const late = Promise.withResolvers<never>()
  let known: CallFailed | undefined
  const giveUp = (error: CallFailed) => {
    late.reject(known ?? error)
    if (!has("timeout that leaves the request open")) controller.abort()
  }
  const timedOut = () => {
    const timeout = phase === "deadline" ? policy.deadline : policy.attemptTimeout
    return new CallFailed({
      _tag: "PolloTimeout",
      phase,
      timeout,
      attempts: number,
      isRetryable: phase === "attempt",
      isTransient: true
    })
  }
  const stops = [around.clock.after(Math.min(left, policy.attemptTimeout), () => giveUp(timedOut()))]
  const exchange = async (): Promise<object> => {
    const response = await around.fetch(url, {
      redirect: has("redirect followed") ? "follow" : "manual",
      signal: controller.signal,
      headers: {
        accept: "application/json",
        "x-api-key": apiKey,
        "user-agent": "effect-pollo/by-hand",
        ...(has("trace headers sent along") ? { traceparent: "00-1-1-01" } : undefined)
      }
    })
    const head = headOf(response, settings, around.clock)
    const early = verdictOfHead(head, settings.scrub)
    if (early !== undefined) {
      known = failed(early.problem, number)
      if (!early.worded) throw known
      stops.push(around.clock.after(errorBodyMillis, () => giveUp(timedOut())))
    } else if (has("timeout around the headers alone")) stops[0]?.()
    const body = await bodyOf(response, settings).catch((cause: unknown) => Promise.reject(known ?? cause))
    const verdict = body === undefined ? invalid(head, "TooLarge", settings.scrub) : meaning(head, body, settings)
    if (known !== undefined && body === undefined) throw known
    if (verdict._tag === "Balance") return verdict
    throw failed(verdict, number)
  }
  try {
    return await Promise.race([exchange(), late.promise])
  } catch (error) {
    if (!has("timeout that leaves the request open")) controller.abort()
    throw error instanceof CallFailed || error instanceof SyntaxError ? error : unanswered(error, settings, number)
  } finally {
    for (const stop of stops) stop()
  }
}

const headOf = (response: Response, { has }: Settings, clock: ManualClock): Head => {
  const { headers, redirected, status } = response
  const deaf = has("HTML taken for JSON") ? ["content-type", "cf-mitigated"] : []
  return {
    status,
    header: (name) => deaf.includes(name) ? undefined : headers.get(name) ?? undefined,
    redirect: !has("redirect followed") &&
      (status === 0 || redirected || (status >= 300 && status < 400 && status !== 304)),
    nowMillis: clock.now()
  }
}

const meaning = (head: Head, body: string, { has, scrub }: Settings): Verdict => {
  if (has("HTML taken for JSON") && head.status === 200) JSON.parse(body)
  const verdict = verdictOfBody(head, body, scrub)
  const isEnvelope = verdict._tag === "Balance" && !Object.hasOwn(Object(JSON.parse(body)), "availableCredits")
  return isEnvelope && has("envelope not opened") ? invalid(head, "Schema", scrub) : verdict
}

/** The text of a body, or `undefined` when it is too large. */
const bodyOf = async ({ body }: Response, { maxBodySize }: Settings): Promise<string | undefined> => {
  const decoder = new TextDecoder()
  let size = 0
  let text = ""
  for await (const chunk of body ?? []) {
    size += chunk.byteLength
    if (size > maxBodySize) return undefined
    text += decoder.decode(chunk, { stream: true })
  }
  return text + decoder.decode()
}

const failed = (problem: Problem, attempts: number): CallFailed => {
  const isTransient = problem._tag === "PolloInvalidResponse"
    ? isTransientInvalid(problem.reason, problem.status)
    : isTransientStatus(effectiveStatus(problem.status, problem.code))
  const isRetryable = isTransient && problem._tag !== "PolloInvalidResponse"
  const issues = "issues" in problem ? problem.issues.map((message) => ({ message })) : undefined
  return new CallFailed({ ...problem, issues, attempts, isTransient, isRetryable })
}

const unanswered = (error: unknown, { has, scrub }: Settings, attempts: number): CallFailed => {
  const found = transportCode(error)
  const code = found === undefined || scrub(found) !== found ? undefined : found
  return new CallFailed(
    { _tag: "PolloTransportError", code, attempts, isRetryable: true, isTransient: true },
    has("key in the error") ? error : undefined
  )
}
