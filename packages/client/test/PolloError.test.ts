import { PolloError, type PolloInvalidResponse } from "@effect-pollo/client"
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Schema } from "effect"
import { cutBody, hang, json, refused, respond, scripted, status, type Step } from "./support/scripted.ts"

const once = { policy: { maxRetries: 0, attemptTimeout: "20 millis" } } as const

/** The error of one attempt, and what it says of itself. */
const errorOf = Effect.fnUntraced(function*(step: Step) {
  const { credits } = yield* scripted(once, step)
  return yield* Effect.flip(credits.getBalance)
})

describe("the error table", () => {
  const rows: ReadonlyArray<readonly [status: number, tag: PolloError["_tag"], isRetryable: boolean]> = [
    [400, "PolloBadRequest", false],
    [422, "PolloBadRequest", false],
    [401, "PolloUnauthorized", false],
    [403, "PolloForbidden", false],
    [404, "PolloNotFound", false],
    [429, "PolloRateLimited", true],
    [500, "PolloServerError", true],
    [501, "PolloServerError", false],
    [502, "PolloServerError", true],
    [503, "PolloServerError", true],
    [504, "PolloServerError", true],
    [505, "PolloServerError", false],
    [507, "PolloServerError", true],
    ...[520, 521, 522, 523, 524, 525, 526, 527, 530, 599].map((code) => [code, "PolloServerError", true] as const),
    [408, "PolloApiError", true],
    [425, "PolloApiError", true],
    [402, "PolloApiError", false],
    [418, "PolloApiError", false],
    [202, "PolloApiError", false]
  ]
  it.effect.each(rows)(
    "status %d is %s, retryable and transient: %s",
    ([code, tag, isRetryable]) =>
      Effect.gen(function*() {
        const error = yield* errorOf(status(code, { "x-request-id": "req-1" }))
        assert.strictEqual(error._tag, tag)
        assert.strictEqual(error.isRetryable, isRetryable)
        assert.strictEqual(error.isTransient, isRetryable)
        assert.deepInclude(error, {
          status: code,
          code: `CODE_${code}`,
          message: `status ${code}`,
          issues: [],
          requestId: "req-1",
          attempts: 1
        })
      })
  )

  it.effect.each([204, 304])(
    "a %d without a body is PolloApiError with a code derived from the status",
    (code) =>
      Effect.gen(function*() {
        const error = yield* errorOf(respond(null, { status: code }))
        assert.include({ ...error }, { _tag: "PolloApiError", status: code, code: `HTTP_${code}` })
      })
  )

  it.effect("a transport that fails is PolloTransportError with the transport's code", () =>
    Effect.gen(function*() {
      const error = yield* errorOf(refused)
      assert.deepInclude(error, { _tag: "PolloTransportError", code: "ECONNREFUSED", attempts: 1, isRetryable: true })
    }))

  it.effect("a body that is cut off is PolloTransportError", () =>
    Effect.gen(function*() {
      const error = yield* errorOf(cutBody)
      assert.deepInclude(error, { _tag: "PolloTransportError", code: "UND_ERR_SOCKET", isRetryable: true })
    }))

  it.live("an attempt out of time is PolloTimeout, retryable in the attempt and final at the deadline", () =>
    Effect.gen(function*() {
      const attempt = yield* scripted({ policy: { maxRetries: 0, attemptTimeout: 1 } }, hang)
      assert.deepInclude(yield* Effect.flip(attempt.credits.getBalance), {
        _tag: "PolloTimeout",
        phase: "attempt",
        isRetryable: true,
        isTransient: true,
        timeout: Duration.millis(1)
      })
      const deadline = yield* scripted({ policy: { deadline: 1 } }, hang)
      assert.deepInclude(yield* Effect.flip(deadline.credits.getBalance), {
        _tag: "PolloTimeout",
        phase: "deadline",
        isRetryable: false,
        isTransient: true
      })
    }))

  const redirect = (status: number) => respond(null, { status, headers: { location: "https://example.com/" } })
  const invalid: ReadonlyArray<
    readonly [reason: PolloInvalidResponse["reason"], isTransient: boolean, step: Step]
  > = [
    ["NotJson", true, respond("<html>")],
    ["NotJson", true, respond("")],
    ["NotJson", true, respond("{\"availableCredits\": 1,")],
    ["Schema", false, json({ availableCredits: "42", totalCredits: 1 })],
    ["Schema", false, json({ availableCredits: 42 })],
    ["Schema", false, respond("{\"availableCredits\": 1e400, \"totalCredits\": 1}")],
    ["Schema", false, json({ code: "SUCCESS", message: "success", data: { availableCredits: 1 } })],
    ["Schema", false, json(null)],
    ...[302, 303, 307].map((code) => ["Redirect", true, redirect(code)] as const),
    ...[301, 308].map((code) => ["Redirect", false, redirect(code)] as const),
    ["TooLarge", false, respond("x".repeat(65_537))]
  ]
  it.effect.each(invalid)(
    "an answer the API does not describe is PolloInvalidResponse: %s, transient: %s",
    ([reason, isTransient, step]) =>
      Effect.gen(function*() {
        const error = yield* errorOf(step)
        assert.deepInclude(error, {
          _tag: "PolloInvalidResponse",
          reason,
          isRetryable: false,
          isTransient,
          attempts: 1
        })
      })
  )
})

describe("what the server said", () => {
  it.effect("a 200 with an error body is the error its code names, and as retryable as that", () =>
    Effect.gen(function*() {
      const unauthorized = yield* errorOf(json({ code: "UNAUTHORIZED", message: "no" }))
      assert.deepInclude(unauthorized, { _tag: "PolloUnauthorized", status: 200, isRetryable: false })
      const limited = yield* errorOf(json({ code: "TOO_MANY_REQUESTS", message: "slow" }))
      assert.deepInclude(limited, { _tag: "PolloRateLimited", isRetryable: true })
      const broken = yield* errorOf(json({ code: "INTERNAL_SERVER_ERROR", message: "oh", data: null }))
      assert.deepInclude(broken, { _tag: "PolloServerError", status: 200, isRetryable: true })
      const unknown = yield* errorOf(json({ code: "LUNCH_BREAK", message: "later" }))
      assert.deepInclude(unknown, { _tag: "PolloApiError", code: "LUNCH_BREAK", isRetryable: false })
    }))

  it.effect("an error status without the error body keeps its class, with its status for a code and a message", () =>
    Effect.gen(function*() {
      const error = yield* errorOf(respond("<h1>Bad gateway</h1>", { status: 502 }))
      assert.deepInclude(error, { _tag: "PolloServerError", code: "HTTP_502", isRetryable: true })
      assert.include(error.message, "502")
    }))

  it.effect("issues that are no issues are left out, the message stays", () =>
    Effect.gen(function*() {
      const error = yield* errorOf(
        json({ code: "BAD_REQUEST", message: "bad", issues: [{ message: "a", path: ["x"] }, 7, null] }, { status: 400 })
      )
      assert.deepInclude(error, { message: "bad", issues: [{ message: "a" }] })
    }))

  it.effect("Retry-After is carried on 429 and 5xx, as seconds or as a date, and only when it is one", () =>
    Effect.gen(function*() {
      const cases: ReadonlyArray<readonly [string, number | undefined]> = [
        ["7", 7000],
        ["0", 0],
        ["Thu, 01 Jan 1970 00:00:30 GMT", 30_000],
        ["Thursday, 01-Jan-70 00:00:30 GMT", 30_000],
        ["Thu Jan  1 00:00:30 1970", 30_000],
        ["Wed, 31 Dec 1969 23:59:00 GMT", 0],
        ["soon", undefined],
        ["Mon, 5", undefined],
        ["Thu, 01 Jan 1970 00:00:30 +0200", undefined],
        ["-5", undefined],
        ["", undefined]
      ]
      for (const [value, millis] of cases) {
        for (const code of [429, 503]) {
          const error = yield* errorOf(status(code, { "retry-after": value }))
          const carried = "retryAfter" in error ? error.retryAfter : undefined
          assert.strictEqual(carried === undefined ? undefined : Duration.toMillis(carried), millis, `${code} ${value}`)
        }
      }
    }))
})

describe("PolloError as a schema", () => {
  const codec = Schema.toCodecJson(PolloError)

  it.live("every member survives JSON, without its getters in it", () =>
    Effect.gen(function*() {
      const steps = [400, 401, 403, 404, 429, 503, 418].map((code) => status(code, { "retry-after": "2" }))
      const tags = new Set<string>()
      for (const step of [...steps, refused, hang, respond("x")]) {
        const error = yield* errorOf(step)
        tags.add(error._tag)
        const text = JSON.stringify(yield* Schema.encodeEffect(codec)(error))
        assert.notInclude(text, "isRetryable")
        assert.notInclude(text, "isTransient")
        const back = yield* Schema.decodeUnknownEffect(codec)(JSON.parse(text))
        assert.strictEqual(back._tag, error._tag)
        assert.strictEqual(back.isRetryable, error.isRetryable)
        assert.strictEqual(back.isTransient, error.isTransient)
        assert.strictEqual(back.message, error.message)
      }
      assert.strictEqual(tags.size, PolloError.members.length)
    }))
})
