import { type PolloConfigError, PolloCredits, type PolloError, RequestPolicy } from "@effect-pollo/client"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { exitCodes } from "../values/exit-codes.ts"
import { explain } from "../output/explain.ts"
import { CheckOutput } from "../output/outputs.ts"
import { writeThen } from "../output/report.ts"
import { SpecDiffers } from "../values/problems.ts"
import { shownAddress } from "../values/secrets.ts"
import { session, type SessionFlags } from "../api/session.ts"
import type { Difference, DifferenceName, Form } from "../values/difference.ts"
import { judge, type Judgement } from "./judge.ts"
import { checkLines } from "./lines.ts"
import { type Exchange, makeObserver, type Observer } from "./observe.ts"

export interface CheckFlags extends SessionFlags {
  readonly json: boolean
  readonly allow: ReadonlyArray<DifferenceName>
  readonly strict: boolean
}

type Output = typeof CheckOutput.Type

const toJson = Schema.encodeSync(Schema.fromJsonString(CheckOutput))

export const run = (flags: CheckFlags) => {
  const observer = makeObserver()
  return session(flags, () => check(flags, observer), observer.transformClient)
}

/** One request without retries, because a retry would hide an answer that is different only now and then. */
const once: Effect.Effect<unknown, PolloError | PolloConfigError, PolloCredits> = PolloCredits.getBalance.pipe(
  RequestPolicy.override({ maxRetries: 0 })
)

const check = Effect.fnUntraced(function*({ allow, json, strict }: CheckFlags, observer: Observer) {
  const started = yield* Clock.monotonicTimeNanos
  const read = yield* Effect.result(Effect.catchTag(once, "PolloConfigError", Effect.die))
  const totalMillis = Number((yield* Clock.monotonicTimeNanos) - started) / 1e6
  const exchange = yield* observer.exchange
  const failure = Result.isFailure(read) ? read.failure : undefined
  const { differences, form } = exchange === undefined
    ? { differences: [], form: null }
    : differencesOf(exchange, failure, strict)
  const refused = differences.filter(({ name }) => !allow.includes(name))

  const output: Output = {
    outcome: refused.length > 0 ? "differs" : failure === undefined ? "conforms" : "failed",
    observedAt: yield* DateTime.now,
    answer: exchange === undefined ? null : describe(exchange, form, totalMillis),
    differences: differences.map(({ detail, field, name }) => ({ name, field, detail, allowed: allow.includes(name) })),
    failure: failure === undefined ? null : tell(failure)
  }
  const report = json
    ? [toJson(output)]
    : output.answer === null
    ? []
    : checkLines(output.answer, output.differences, notCompared(failure))
  const names = Array.from(new Set(refused.map(({ name }) => name)))
  const verdict: Effect.Effect<void, SpecDiffers | PolloError> = names.length > 0
    ? Effect.fail(new SpecDiffers({ names }))
    : failure === undefined
    ? Effect.void
    : Effect.fail(failure)
  yield* writeThen(report.map((line) => `${line}\n`).join(""), verdict)
})

/** Why the answer was not compared, or `undefined` if it was. */
const notCompared = (failure: PolloError | undefined): string | undefined =>
  failure?._tag === "PolloTimeout"
    ? "the body never ended"
    : intercepted(failure)
    ? "the answer is not the API's"
    : undefined

const intercepted = (failure: PolloError | undefined): boolean =>
  failure?._tag === "PolloInvalidResponse" && failure.reason === "Intercepted"

const differencesOf = (exchange: Exchange, failure: PolloError | undefined, strict: boolean): Judgement => {
  const broke = brokenOff(exchange, failure)
  if (broke !== undefined) return { form: null, differences: broke }
  const { chunks, headers, scrub, status } = exchange
  const refused = failure !== undefined && "issues" in failure
  const { differences, form } = judge({
    status,
    contentType: headers["content-type"],
    body: Buffer.concat(chunks),
    refused,
    strict
  })
  return {
    form,
    differences: differences.map(({ detail, field, name }) => ({
      name,
      field: field === null ? null : scrub(field),
      detail
    }))
  }
}

/** The differences of an answer whose body did not arrive whole. */
const brokenOff = (exchange: Exchange, failure: PolloError | undefined): ReadonlyArray<Difference> | undefined => {
  const { chunks, headers, status } = exchange
  if (failure?._tag === "PolloInvalidResponse" && failure.reason === "Redirect") {
    const { location } = headers
    const target = location === undefined || !URL.canParse(location, exchange.url)
      ? "an address not given"
      : shownAddress(new URL(location, exchange.url).href)
    return [{ name: "redirect", field: null, detail: `${status} to ${target}` }]
  }
  // The API has not seen the request, so this answer says nothing about the API.
  if (intercepted(failure)) return []
  if (failure?._tag === "PolloInvalidResponse" && failure.reason === "TooLarge") {
    return [{ name: "too_large", field: null, detail: `more than ${bytesIn(chunks)} bytes` }]
  }
  if (failure?._tag === "PolloTransportError") {
    return [broken(exchange, failure.code)]
  }
  if (failure?._tag === "PolloTimeout") return []
  return undefined
}

/** Why a body did not arrive whole: its compression (by the codes of zlib and Node), its framing, or the connection. */
const broken = ({ chunks, headers, misframed }: Exchange, code: string | undefined): Difference => {
  const suffix = code === undefined ? "" : ` (${code})`
  if (code !== undefined && /^(Z_|ERR_(_?ZLIB|_?BROTLI))/.test(code)) {
    const encoding = headers["content-encoding"] ?? "compressed"
    return { name: "bad_encoding", field: null, detail: `the body is not ${encoding} as it says${suffix}` }
  }
  return misframed || code?.startsWith("HPE_")
    ? { name: "bad_framing", field: null, detail: `a chunk is malformed after ${bytesIn(chunks)} bytes${suffix}` }
    : { name: "truncated", field: null, detail: `the connection broke after ${bytesIn(chunks)} bytes${suffix}` }
}

const bytesIn = (chunks: ReadonlyArray<Uint8Array>): number => chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0)

/** The headers of rate limits: those of the IETF draft, the older `x-` ones, and `Retry-After`. */
const isLimit = (name: string): boolean => name === "retry-after" || /^(x-)?rate-?limit(-|$)/.test(name)

const describe = (
  { chunks, headers, latencyMillis, status, url }: Exchange,
  form: Form | null,
  totalMillis: number
): NonNullable<Output["answer"]> => ({
  url: shownAddress(url),
  status,
  contentType: headers["content-type"] ?? null,
  form,
  bodyBytes: bytesIn(chunks),
  latencyMillis: Math.round(latencyMillis),
  totalMillis: Math.round(totalMillis),
  requestId: headers["x-request-id"] ?? null,
  limits: Object.fromEntries(Object.entries(headers).filter(([name]) => isLimit(name)))
})

const tell = (failure: PolloError): NonNullable<Output["failure"]> => {
  const { exit, what } = explain(failure)
  return { tag: failure._tag, message: what, exitCode: exitCodes[exit].code }
}
