/**
 * What a complete response means: a balance, or the one error that fits it. Pure: no transport, no clock.
 */
import type * as Duration from "effect/Duration"
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as CreditBalance from "../../CreditBalance.ts"
import * as PolloError from "../../PolloError.ts"
import { codeForStatus, effectiveStatus } from "../codes.ts"

/** The head of a response. `requestId` comes from its headers, without the key. */
export interface Head {
  readonly status: number
  readonly requestId: string | undefined
  readonly attempts: number
}

/** A response that arrived whole. `retryAfter` comes from its headers. */
export interface Answer extends Head {
  readonly body: string
  readonly retryAfter: Duration.Duration | undefined
  /** Takes the key out of text that the server sent. */
  readonly scrub: (text: string) => string
}

const decodeBalance = Schema.decodeUnknownResult(CreditBalance.CreditBalance)

/** By status first; a 200 with an error body by its code. */
export const interpret = (answer: Answer): Result.Result<CreditBalance.CreditBalance, PolloError.PolloError> => {
  const json = parseJson(answer.body)
  if (answer.status !== 200) {
    return Result.fail(serverError(answer, Result.getOrElse(json, () => undefined)))
  }
  if (Result.isFailure(json)) return Result.fail(invalid(answer, "NotJson"))
  const body = json.success

  const documented = decodeBalance(body)
  if (Result.isSuccess(documented)) return Result.succeed(documented.success)
  if (isErrorBody(body) && effectiveStatus(200, body.code) !== 200) return Result.fail(serverError(answer, body))
  // Four independent public clients unwrap `{code: "SUCCESS", message, data}`; the published description has no wrapper.
  if (Predicate.hasProperty(body, "data")) {
    const wrapped = decodeBalance(body.data)
    if (Result.isSuccess(wrapped)) return Result.succeed(wrapped.success)
  }
  return Result.fail(
    isErrorBody(body) && body.code.toUpperCase() !== "SUCCESS" ? serverError(answer, body) : invalid(answer, "Schema")
  )
}

const parseJson = (body: string): Result.Result<unknown, unknown> => Result.try(() => JSON.parse(body) as unknown)

const isErrorBody = Schema.is(Schema.Struct({ code: Schema.String, message: Schema.String }))

export const invalid = (head: Head, reason: PolloError.PolloInvalidResponse["reason"]) =>
  new PolloError.PolloInvalidResponse({
    reason,
    status: head.status,
    attempts: head.attempts,
    ...(head.requestId === undefined ? undefined : { requestId: head.requestId })
  })

const serverError = (answer: Answer, body: unknown): PolloError.PolloError => {
  const code = text(body, "code") ?? codeForStatus(answer.status)
  const said = {
    status: answer.status,
    code: answer.scrub(code),
    message: answer.scrub(text(body, "message") ?? `the server answered with status ${answer.status}`),
    issues: issues(body).map((message) => ({ message: answer.scrub(message) })),
    attempts: answer.attempts,
    ...(answer.requestId === undefined ? undefined : { requestId: answer.requestId })
  }
  const patient = { ...said, ...(answer.retryAfter === undefined ? undefined : { retryAfter: answer.retryAfter }) }
  const status = effectiveStatus(answer.status, code)
  switch (status) {
    case 400:
    case 422:
      return new PolloError.PolloBadRequest(said)
    case 401:
      return new PolloError.PolloUnauthorized(said)
    case 403:
      return new PolloError.PolloForbidden(said)
    case 404:
      return new PolloError.PolloNotFound(said)
    case 429:
      return new PolloError.PolloRateLimited(patient)
    default:
      return status >= 500 && status <= 599
        ? new PolloError.PolloServerError(patient)
        : new PolloError.PolloApiError(said)
  }
}

const text = (body: unknown, field: string): string | undefined =>
  Predicate.hasProperty(body, field) && Predicate.isString(body[field]) && body[field] !== "" ? body[field] : undefined

const issues = (body: unknown): ReadonlyArray<string> =>
  Predicate.hasProperty(body, "issues") && Array.isArray(body.issues)
    ? body.issues.flatMap((issue: unknown) => text(issue, "message") ?? [])
    : []
