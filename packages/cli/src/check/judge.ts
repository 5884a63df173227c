/**
 * Compares one answer with the vendor's published description of the call. Pure, and strict where the client is
 * lenient.
 */
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SchemaIssue from "effect/SchemaIssue"
import type { Difference, DifferenceName, Form } from "../values/difference.ts"

/** An answer that arrived whole. */
export interface Answer {
  readonly status: number
  readonly contentType: string | undefined
  readonly body: Uint8Array
  /** Whether the client reads it as an error of the API, also with status 200. */
  readonly refused: boolean
  /** Whether the envelope counts as a difference. */
  readonly strict: boolean
}

export interface Judgement {
  /** The form in which the balance came, or null if no balance came. */
  readonly form: Form | null
  readonly differences: ReadonlyArray<Difference>
}

const Balance = Schema.Struct({ availableCredits: Schema.Finite, totalCredits: Schema.Finite })
const Envelope = Schema.Struct({ code: Schema.String, message: Schema.String, data: Balance })
const ErrorBody = Schema.Struct({
  message: Schema.String,
  code: Schema.String,
  issues: Schema.optionalKey(Schema.Array(Schema.Struct({ message: Schema.String })))
})

export const judge = (answer: Answer): Judgement => {
  const { contentType, status } = answer
  if (status !== 200 && status < 400) {
    return { form: null, differences: [whole("status", `${status}; the description has 200 and errors`)] }
  }
  const { differences, form } = judgeBody(answer)
  return { form, differences: [...judgeContentType(contentType), ...differences] }
}

const whole = (name: DifferenceName, detail: string): Difference => ({ name, field: null, detail })

const judgeContentType = (contentType: string | undefined): ReadonlyArray<Difference> => {
  if (contentType === undefined) return [whole("content_type", "none is sent")]
  const [mediaType = "", ...parameters] = contentType.toLowerCase().split(";").map((part) => part.trim())
  if (mediaType !== "application/json") return [whole("content_type", mediaType)]
  const charset = parameters.find((parameter) => parameter.startsWith("charset="))
  return charset === undefined || /^charset="?utf-8"?$/.test(charset) ? [] : [whole("content_type", charset)]
}

const judgeBody = ({ body: bytes, refused, status, strict }: Answer): Judgement => {
  const no = (...differences: ReadonlyArray<Difference>): Judgement => ({ form: null, differences })
  if (bytes.byteLength === 0) return no(whole("empty_body", "0 bytes"))
  const parsed = parse(bytes)
  if (Result.isFailure(parsed)) return no(whole("not_json", parsed.failure))
  const body = parsed.success
  if (status !== 200) return no(...compare(ErrorBody, body))
  if (refused || isErrorBody(body)) return no(whole("error_body", "status 200 with an error"))
  if (!Predicate.hasProperty(body, "data") || Predicate.hasProperty(body, "availableCredits")) {
    return {
      form: Predicate.hasProperty(body, "availableCredits") ? "flat" : null,
      differences: compare(Balance, body)
    }
  }
  const envelope = strict ? [whole("envelope", "the documented body is inside \"data\"")] : []
  return { form: "envelope", differences: [...envelope, ...compare(Envelope, body)] }
}

/** Decodes and parses strictly: a byte order mark is not allowed in JSON (RFC 8259, section 8.1). */
const parse = (bytes: Uint8Array): Result.Result<unknown, string> =>
  Result.try({
    try: () => new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes),
    catch: () => "bytes that are not UTF-8"
  }).pipe(
    Result.flatMap((text) =>
      Result.try({ try: () => JSON.parse(text) as unknown, catch: () => `${bytes.byteLength} bytes that do not parse` })
    )
  )

const isErrorBody = (body: unknown): boolean =>
  Predicate.hasProperty(body, "code") && Predicate.isString(body.code) &&
  Predicate.hasProperty(body, "message") && Predicate.isString(body.message) &&
  !Predicate.hasProperty(body, "data") && !Predicate.hasProperty(body, "availableCredits")

const compare = <A, I>(schema: Schema.Codec<A, I>, body: unknown): ReadonlyArray<Difference> => {
  const decoded = Schema.decodeUnknownResult(schema)(body, { errors: "all", onExcessProperty: "error" })
  return Result.isSuccess(decoded) ? [] : toDifferences(decoded.failure.issue).issues.map(({ message, path = [] }) => {
    const field = path.length === 0 ? null : path.map(String).join(".")
    if (message === "MissingKey") return { name: "missing_field", field, detail: "is missing" }
    if (message === "UnexpectedKey") return { name: "extra_field", field, detail: "is not in the description" }
    return { name: "wrong_type", field, detail: `is ${kindOf(valueAt(body, path.map(String)))}` }
  })
}

/** The tag of each issue in place of a message. */
const toDifferences = SchemaIssue.makeFormatterStandardSchemaV1({ leafHook: (issue) => issue._tag })

const valueAt = (body: unknown, path: ReadonlyArray<string>): unknown =>
  path.reduce<unknown>((value, key) => Predicate.hasProperty(value, key) ? value[key] : undefined, body)

const kindOf = (value: unknown): string => {
  if (value === null) return "null"
  if (Array.isArray(value)) return "an array"
  if (typeof value === "number") return Number.isFinite(value) ? "a number" : "a number beyond all bounds"
  return typeof value === "object" ? "an object" : `a ${typeof value}`
}
