import { type PolloConfigError, PolloCredits, type PolloError, RequestPolicy } from "@effect-pollo/client"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { exitCodes } from "../values/exit-codes.ts"
import { explain } from "../output/explain.ts"
import { CheckOutput } from "../output/outputs.ts"
import { writeLine } from "../output/print.ts"
import { SpecDiffers } from "../values/problems.ts"
import { session, type SessionFlags } from "../api/session.ts"
import type { Difference, DifferenceName } from "../values/difference.ts"
import { judge } from "./judge.ts"
import { checkLines } from "./lines.ts"
import { type Exchange, makeObserver, type Observer } from "./observe.ts"

export interface CheckFlags extends SessionFlags {
  readonly json: boolean
  readonly allow: ReadonlyArray<DifferenceName>
}

type Output = typeof CheckOutput.Type

const toJson = Schema.encodeSync(Schema.fromJsonString(CheckOutput))

export const run = (flags: CheckFlags) => {
  const observer = makeObserver()
  return session(flags, () => check(flags, observer), observer.transformClient)
}

/** One request: a retry would hide an answer that is different only now and then. */
const once: Effect.Effect<unknown, PolloError | PolloConfigError, PolloCredits> = PolloCredits.getBalance.pipe(
  RequestPolicy.override({ maxRetries: 0 })
)

const check = Effect.fnUntraced(function*({ allow, json }: CheckFlags, observer: Observer) {
  const started = yield* Clock.monotonicTimeNanos
  const read = yield* Effect.result(Effect.catchTag(once, "PolloConfigError", Effect.die))
  const totalMillis = Number((yield* Clock.monotonicTimeNanos) - started) / 1e6
  const exchange = yield* observer.exchange
  const failure = Result.isFailure(read) ? read.failure : undefined
  const differences = exchange === undefined ? [] : differencesOf(exchange, failure)
  const refused = differences.filter(({ name }) => !allow.includes(name))

  const output: Output = {
    outcome: refused.length > 0 ? "differs" : failure === undefined ? "conforms" : "failed",
    observedAt: yield* DateTime.now,
    answer: exchange === undefined ? null : describe(exchange, totalMillis),
    differences: differences.map(({ detail, field, name }) => ({ name, field, detail, allowed: allow.includes(name) })),
    failure: failure === undefined ? null : tell(failure)
  }
  if (json) yield* writeLine(toJson(output))
  else if (output.answer !== null) {
    const compared = failure?._tag !== "PolloTimeout"
    yield* writeLine(checkLines(output.answer, output.differences, compared).join("\n"))
  }

  if (refused.length > 0) {
    return yield* new SpecDiffers({ names: Array.from(new Set(refused.map(({ name }) => name))) })
  }
  if (failure !== undefined) return yield* failure
})

const differencesOf = (exchange: Exchange, failure: PolloError | undefined): ReadonlyArray<Difference> => {
  const { chunks, headers, scrub, status } = exchange
  if (failure?._tag === "PolloInvalidResponse" && failure.reason === "Redirect") {
    return [{ name: "redirect", field: null, detail: `${status} to ${headers.location ?? "an address not given"}` }]
  }
  if (failure?._tag === "PolloInvalidResponse" && failure.reason === "TooLarge") {
    return [{ name: "too_large", field: null, detail: `more than ${bytesIn(chunks)} bytes` }]
  }
  if (failure?._tag === "PolloTransportError") {
    return [broken(exchange, failure.code)]
  }
  if (failure?._tag === "PolloTimeout") return []
  return judge({ status, contentType: headers["content-type"], body: Buffer.concat(chunks) }).map(
    ({ detail, field, name }) => ({ name, field: field === null ? null : scrub(field), detail })
  )
}

/** What broke a body: its compression, by the codes of zlib and Node; its framing; or the connection. */
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

/** Headers by which servers tell how much they allow: the IETF draft's, the older `x-` ones, and `Retry-After`. */
const isLimit = (name: string): boolean => name === "retry-after" || /^(x-)?rate-?limit(-|$)/.test(name)

const describe = (
  { chunks, headers, latencyMillis, status, url }: Exchange,
  totalMillis: number
): NonNullable<Output["answer"]> => ({
  url,
  status,
  contentType: headers["content-type"] ?? null,
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
