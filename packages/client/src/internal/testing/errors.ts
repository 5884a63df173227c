/** Errors such as the client itself would raise, made with few words. */
import { codeForStatus } from "@effect-pollo/protocol"
import type * as Duration from "effect/Duration"
import * as Result from "effect/Result"
import * as PolloError from "../../PolloError.ts"
import * as policy from "../call/policy.ts"
import { encodable } from "../encodable.ts"
import * as check from "../options.ts"

interface Attempts {
  /**
   * Requests sent until the error was final.
   *
   * @default what the default policy sends: 4 for a retryable error, else 1
   */
  readonly attempts?: number | undefined
}

interface Said extends Attempts {
  /** @default the code that belongs to the status */
  readonly code?: string | undefined
  /** @default "the server answered with status …" */
  readonly message?: string | undefined
  /** @default [] */
  readonly issues?: ReadonlyArray<string> | undefined
  readonly requestId?: string | undefined
}

interface SaidWithStatus extends Said {
  readonly status?: number | undefined
}

interface RetryAfter {
  readonly retryAfter?: Duration.Input | undefined
}

/** Every field that any of these errors has. */
const fields = check.options({
  attempts: check.optional(check.wholeNumber(0)),
  code: check.optional(check.text),
  message: check.optional(check.text),
  issues: check.optional(check.list(check.text)),
  requestId: check.optional(check.text),
  status: check.optional(check.wholeNumber(0)),
  retryAfter: check.optional(check.duration),
  phase: check.optional(check.oneOf("attempt", "deadline")),
  timeout: check.optional(check.duration),
  reason: check.optional(check.oneOf(...PolloError.PolloInvalidResponse.fields.reason.literals))
})

const final = <E extends PolloError.PolloError>(given: Attempts, make: (attempts: number) => E): E => {
  Result.getOrThrow(fields(given))
  if (given.attempts !== undefined) return make(given.attempts)
  const once = make(1)
  return once.isRetryable ? make(policy.defaults.maxRetries + 1) : once
}

const said = (status: number, given: Said) => ({
  status,
  code: given.code ?? codeForStatus(status),
  message: given.message ?? `the server answered with status ${status}`,
  issues: (given.issues ?? []).map((message) => ({ message })),
  ...(given.requestId === undefined ? undefined : { requestId: given.requestId })
})

const duration = (field: string, input: Duration.Input): Duration.Duration =>
  encodable(Result.getOrThrow(check.duration(field, input)))

const retryAfter = ({ retryAfter }: RetryAfter) =>
  retryAfter === undefined ? undefined : { retryAfter: duration("retryAfter", retryAfter) }

/** Status 400 unless given. */
export const badRequest = (given: SaidWithStatus = {}): PolloError.PolloBadRequest =>
  final(given, (attempts) => new PolloError.PolloBadRequest({ ...said(given.status ?? 400, given), attempts }))

/** Status 401. */
export const unauthorized = (given: Said = {}): PolloError.PolloUnauthorized =>
  final(given, (attempts) => new PolloError.PolloUnauthorized({ ...said(401, given), attempts }))

/** Status 403. */
export const forbidden = (given: Said = {}): PolloError.PolloForbidden =>
  final(given, (attempts) => new PolloError.PolloForbidden({ ...said(403, given), attempts }))

/** Status 404. */
export const notFound = (given: Said = {}): PolloError.PolloNotFound =>
  final(given, (attempts) => new PolloError.PolloNotFound({ ...said(404, given), attempts }))

/** Status 429. */
export const rateLimited = (given: Said & RetryAfter = {}): PolloError.PolloRateLimited =>
  final(
    given,
    (attempts) => new PolloError.PolloRateLimited({ ...said(429, given), ...retryAfter(given), attempts })
  )

/** Status 503 unless given. */
export const serverError = (given: SaidWithStatus & RetryAfter = {}): PolloError.PolloServerError =>
  final(
    given,
    (attempts) =>
      new PolloError.PolloServerError({ ...said(given.status ?? 503, given), ...retryAfter(given), attempts })
  )

/** Status 409 unless given. */
export const apiError = (given: SaidWithStatus = {}): PolloError.PolloApiError =>
  final(given, (attempts) => new PolloError.PolloApiError({ ...said(given.status ?? 409, given), attempts }))

/** Code `ECONNREFUSED` unless given. */
export const transportError = (
  given: Attempts & { readonly code?: string | undefined } = {}
): PolloError.PolloTransportError =>
  final(given, (attempts) => new PolloError.PolloTransportError({ code: given.code ?? "ECONNREFUSED", attempts }))

/** Phase `attempt` unless given, and the default policy's limit for that phase. */
export const timeout = (
  given: Attempts & {
    readonly phase?: PolloError.PolloTimeout["phase"] | undefined
    readonly timeout?: Duration.Input | undefined
  } = {}
): PolloError.PolloTimeout => {
  const phase = given.phase ?? "attempt"
  const limit = given.timeout === undefined
    ? policy.defaults[phase === "attempt" ? "attemptTimeout" : "deadline"]
    : duration("timeout", given.timeout)
  return final(given, (attempts) => new PolloError.PolloTimeout({ phase, timeout: limit, attempts }))
}

/** Reason `Schema` unless given; status 200 unless given, but 302 for `Redirect` and 403 for `Intercepted`. */
export const invalidResponse = (
  given: Attempts & {
    readonly reason?: PolloError.PolloInvalidResponse["reason"] | undefined
    readonly status?: number | undefined
    readonly requestId?: string | undefined
    readonly retryAfter?: Duration.Input | undefined
  } = {}
): PolloError.PolloInvalidResponse =>
  final(given, (attempts) =>
    new PolloError.PolloInvalidResponse({
      reason: given.reason ?? "Schema",
      status: given.status ?? (given.reason === "Redirect" ? 302 : given.reason === "Intercepted" ? 403 : 200),
      attempts,
      ...retryAfter(given),
      ...(given.requestId === undefined ? undefined : { requestId: given.requestId })
    }))
