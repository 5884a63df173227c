/** What an answer is decided by, and when. */
import { PolloCredits, PolloError } from "@effect-pollo/client"
import { httpDate, retryAfterMillis } from "@effect-pollo/protocol"
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Duration, Effect, Fiber, Result, Schema } from "effect"
import { Headers, HttpClient, HttpClientRequest, HttpClientResponse } from "effect/http"
import { TestClock } from "effect/testing"
import * as fc from "fast-check"
import manifest from "../../package.json" with { type: "json" }
import { json, ok, respond, scripted } from "../support/scripted.ts"
import { serve } from "../support/socketServer.ts"
import { client, transports } from "../support/transports.ts"

describe("the status", () => {
  for (const [name, layer] of transports) {
    it.live(`decides over ${name} when the body lies about its encoding or its length`, () =>
      Effect.gen(function*() {
        const server = yield* serve((request, response) => {
          const path = request.url ?? ""
          if (path.startsWith("/gzip")) response.writeHead(401, { "content-encoding": "gzip" }).end("no gzip at all")
          else {
            response.writeHead(401, { "content-length": "500" }).write("{")
            setTimeout(() => response.destroy(), 20)
          }
        })
        for (const path of ["/gzip", "/cut"]) {
          const error = yield* Effect.flip(
            Effect.provide(PolloCredits.getBalance, client(server.url + path, layer, { policy: {} }))
          )
          assert.deepInclude(error, { _tag: "PolloUnauthorized", attempts: 1 }, path)
        }
        assert.strictEqual(server.requests.length, 2)
      }).pipe(Effect.scoped))
  }
})

describe("a response that a wrapper put in place of the transport's", () => {
  it.effect("is read as it shows itself", () =>
    Effect.gen(function*() {
      const { credits } = yield* scripted({
        transformClient: HttpClient.transformResponse(Effect.map((response): HttpClientResponse.HttpClientResponse => {
          const other = HttpClientResponse.fromWeb(
            response.request,
            Response.json({ availableCredits: 7, totalCredits: 7 })
          )
          return Object.create(response, { stream: { value: other.stream } })
        }))
      }, ok)
      assert.strictEqual((yield* credits.getBalance).availableCredits, 7)
    }))
})

describe("Retry-After", () => {
  const pad = (number: number) => String(number).padStart(2, "0")
  const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec", "Foo"]
  const date = fc.tuple(
    fc.constantFrom("Mon", "Sun", "Sunday", "Tuesday", "sat", "Xyz"),
    fc.integer({ min: 0, max: 32 }),
    fc.constantFrom(...months),
    fc.integer({ min: 0, max: 9999 }),
    fc.tuple(fc.integer({ min: 0, max: 25 }), fc.integer({ min: 0, max: 61 }), fc.integer({ min: 0, max: 61 })),
    fc.nat(2)
  ).map(([name, day, month, year, time, form]) => {
    const at = time.map(pad).join(":")
    if (form === 0) return `${name}, ${pad(day)} ${month} ${String(year).padStart(4, "0")} ${at} GMT`
    if (form === 1) return `${name}, ${pad(day)}-${month}-${pad(year % 100)} ${at} GMT`
    return `${name} ${month} ${String(day).padStart(2, " ")} ${at} ${String(year).padStart(4, "0")}`
  })

  it("is read by the rules of effect's own parser, except for fractions", () => {
    const value = fc.oneof(date, fc.nat().map(String), fc.stringMatching(/^\d{1,40}$/), fc.string())
    fc.assert(
      fc.property(value, fc.nat(), (value, now) => {
        fc.pre(!/^\s*\d+\.\d+\s*$/.test(value))
        const theirs = Headers.parseRetryAfter(value)
        const ours = retryAfterMillis(value, undefined, now)
        if (Result.isFailure(theirs)) return assert.isUndefined(ours, value)
        const millis = Duration.toMillis(Headers.retryAfterDelay(theirs.success, now))
        const least = Math.min(millis, Number.MAX_SAFE_INTEGER * 1000)
        assert.closeTo(ours ?? -1, least, least * 1e-15, value)
      }),
      { numRuns: 3000 }
    )
  })

  it("takes the time that a Date states by the same rules", () => {
    fc.assert(
      fc.property(date, (value) => {
        const theirs = Headers.parseHttpDate(value)
        assert.strictEqual(
          httpDate(value),
          Result.isFailure(theirs) ? undefined : DateTime.toEpochMillis(theirs.success)
        )
      }),
      { numRuns: 3000 }
    )
  })
})

describe("every error that the client can make", () => {
  const codec = Schema.toCodecJson(PolloError)
  const survives = Effect.fnUntraced(function*(error: PolloError) {
    const text = JSON.stringify(yield* Schema.encodeEffect(codec)(error))
    const back = yield* Schema.decodeUnknownEffect(codec)(JSON.parse(text))
    assert.deepEqual({ ...back }, { ...error })
    assert.deepEqual([back._tag, back.message, back.isRetryable, back.isTransient], [
      error._tag,
      error.message,
      error.isRetryable,
      error.isTransient
    ])
  })

  it.effect("survives JSON, whatever a server says", () =>
    Effect.promise(() =>
      fc.assert(
        fc.asyncProperty(
          fc.constantFrom(200, 201, 304, 400, 401, 403, 404, 408, 429, 500, 501, 522),
          fc.record({
            code: fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom("UNAUTHORIZED", "NOT_IMPLEMENTED")),
            message: fc.string({ unit: "binary" }),
            issues: fc.array(fc.record({ message: fc.string({ unit: "binary" }) }))
          }),
          (code, body) =>
            Effect.runPromise(Effect.gen(function*() {
              const step = code === 304 ? respond(null, { status: code }) : json(body, { status: code })
              const { credits } = yield* scripted({ policy: { maxRetries: 0 } }, step)
              yield* survives(yield* Effect.flip(credits.getBalance))
            }))
        ),
        { numRuns: 300 }
      )
    ))

  it.effect("survives JSON, however long a limit was", () =>
    Effect.gen(function*() {
      for (const limit of [0.5, 1e17, Number.MAX_SAFE_INTEGER + 11]) {
        const { credits } = yield* scripted(
          { policy: { maxRetries: 0, attemptTimeout: limit, deadline: "Infinity" } },
          () => Effect.never
        )
        const fiber = yield* Effect.forkChild(Effect.flip(credits.getBalance))
        yield* TestClock.adjust(limit)
        const error = yield* Fiber.join(fiber)
        assert.strictEqual(error._tag, "PolloTimeout")
        yield* survives(error)
      }
    }))
})

describe("the User-Agent", () => {
  it.live.each(transports)("names this package and its version over %s", ([, layer]) =>
    Effect.gen(function*() {
      const server = yield* serve((_, response) => response.end("{\"availableCredits\":1,\"totalCredits\":1}"))
      yield* Effect.provide(PolloCredits.getBalance, client(server.url, layer))
      assert.strictEqual(server.requests[0]?.headers["user-agent"], `effect-pollo/${manifest.version}`)
    }).pipe(Effect.scoped))

  it.effect("of a wrapper wins", () =>
    Effect.gen(function*() {
      const { credits, requests } = yield* scripted({
        transformClient: HttpClient.mapRequest(HttpClientRequest.setHeader("user-agent", "mine/1"))
      }, ok)
      yield* credits.getBalance
      assert.strictEqual(requests[0]?.headers["user-agent"], "mine/1")
    }))
})
