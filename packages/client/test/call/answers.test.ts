/** What an answer is decided by, and when. */
import { PolloCredits, PolloError } from "@effect-pollo/client"
import { httpDate, retryAfterMillis } from "@effect-pollo/protocol"
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Duration, Effect, Fiber, Result, Schema } from "effect"
import { Headers, HttpClient, HttpClientRequest, HttpClientResponse } from "effect/http"
import { TestClock } from "effect/testing"
import * as fc from "fast-check"
import manifest from "../../package.json" with { type: "json" }
import { cutBody, hangingBody, json, ok, respond, scripted, status, type Step } from "../support/scripted.ts"
import { serve } from "../support/socketServer.ts"
import { client, transports } from "../support/transports.ts"

const withHead = (step: Step, code: number, headers: Record<string, string> = {}): Step => (request) =>
  Effect.map(step(request), (response) => {
    const source = HttpClientResponse.toWeb(response)
    const body = source._tag === "Some" ? source.value.body : null
    return HttpClientResponse.fromWeb(request, new Response(body, { status: code, headers }))
  })

const bodies: ReadonlyArray<readonly [name: string, step: Step]> = [
  ["hangs", hangingBody],
  ["is cut off", cutBody],
  ["is too large", respond("x".repeat(70_000))],
  ["is no JSON", respond("<h1>no</h1>")],
  ["is empty", respond("")]
]

describe("the status", () => {
  it.effect.each(bodies)(
    "of a 401 whose body %s is one request and PolloUnauthorized",
    ([, body]) =>
      Effect.gen(function*() {
        const { credits, sent } = yield* scripted({}, withHead(body, 401))
        const fiber = yield* Effect.forkChild(Effect.flip(credits.getBalance))
        yield* TestClock.adjust("1 second")
        assert.deepInclude(yield* Fiber.join(fiber), { _tag: "PolloUnauthorized", code: "HTTP_401", attempts: 1 })
        assert.strictEqual(yield* sent, 1)
      })
  )

  it.effect.each(bodies)("of a 503 whose body %s keeps its Retry-After", ([, body]) =>
    Effect.gen(function*() {
      const { credits, sent } = yield* scripted({}, withHead(body, 503, { "retry-after": "60" }))
      const fiber = yield* Effect.forkChild(Effect.flip(credits.getBalance))
      yield* TestClock.adjust("1 second")
      const error = yield* Fiber.join(fiber)
      assert.deepInclude(error, { _tag: "PolloServerError", retryAfter: Duration.minutes(1), isRetryable: true })
      assert.strictEqual(yield* sent, 1)
    }))

  it.effect("waits for a body for a second, and no longer than the attempt has", () =>
    Effect.gen(function*() {
      const slow = yield* scripted({}, withHead(hangingBody, 404))
      const fiber = yield* Effect.forkChild(Effect.flip(slow.credits.getBalance))
      yield* TestClock.adjust("999 millis")
      assert.isUndefined(fiber.pollUnsafe())
      yield* TestClock.adjust("1 millis")
      assert.strictEqual((yield* Fiber.join(fiber))._tag, "PolloNotFound")

      for (const policy of [{ attemptTimeout: "200 millis" }, { deadline: "200 millis" }] as const) {
        const short = yield* scripted({ policy }, withHead(hangingBody, 404))
        const fiber = yield* Effect.forkChild(Effect.flip(short.credits.getBalance))
        yield* TestClock.adjust("200 millis")
        assert.strictEqual((yield* Fiber.join(fiber))._tag, "PolloNotFound")
      }
    }))

  it.effect("is retried by its class when an attempt was given up in its body", () =>
    Effect.gen(function*() {
      const { credits, sent } = yield* scripted(
        { policy: { attemptTimeout: "Infinity", deadline: "Infinity" } },
        withHead(hangingBody, 503),
        ok
      )
      const fiber = yield* Effect.forkChild(credits.getBalance)
      yield* TestClock.adjust("2 seconds")
      assert.strictEqual((yield* Fiber.join(fiber)).availableCredits, 42)
      assert.strictEqual(yield* sent, 2)
    }))

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

  it.effect("of a page that a CDN puts in place of the API is no word about the key or the account", () =>
    Effect.gen(function*() {
      const page = respond("<html>Just a moment...</html>", {
        status: 403,
        headers: { "content-type": "text/html", "cf-mitigated": "challenge", "retry-after": "5", "x-request-id": "r" }
      })
      const { credits, sent } = yield* scripted({}, page)
      const error = yield* Effect.flip(credits.getBalance)
      assert.deepInclude(error, {
        _tag: "PolloInvalidResponse",
        reason: "Intercepted",
        status: 403,
        requestId: "r",
        retryAfter: Duration.seconds(5),
        isRetryable: false,
        isTransient: true
      })
      assert.include(error.message, "a CDN or a proxy answered")
      assert.strictEqual(yield* sent, 1)
    }))
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

  it.effect("survives JSON, whatever time a server asks for", () =>
    Effect.gen(function*() {
      for (const value of ["0", "1.5", "99999999999999", "9".repeat(400), "Fri, 31 Dec 9999 23:59:59 GMT"]) {
        const headers = { "retry-after": value, "content-type": "text/html", "x-request-id": "\u00e9" }
        for (const step of [status(429, headers), status(503, headers), respond("", { status: 403, headers })]) {
          const { credits } = yield* scripted({ policy: { maxRetries: 0 } }, step)
          yield* survives(yield* Effect.flip(credits.getBalance))
        }
      }
    }))

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
