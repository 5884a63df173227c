import { PolloCredits } from "@effect-pollo/client"
import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Exit, Layer, Logger, Redacted, Schema, Stream } from "effect"
import { FetchHttpClient, HttpClient, HttpClientResponse } from "effect/http"
import { inspect } from "node:util"
import { recordingTracer } from "../support/recordingTracer.ts"
import { key, ok, refused, scripted, type Step } from "../support/scripted.ts"
import { serve } from "../support/socketServer.ts"
import { client, transports } from "../support/transports.ts"

describe("the key", () => {
  const echoing: ReadonlyArray<readonly [name: string, step: Step]> = [
    ["a transport that quotes the request", refused],
    ["a transport that dies quoting the request", (request) => Effect.die(new Error(JSON.stringify(request.headers)))],
    ["a transport that throws", (request) => {
      throw new Error(`cannot send ${request.headers["x-api-key"]}`)
    }],
    ["a body that dies", (request) => {
      const response = HttpClientResponse.fromWeb(request, new Response("{"))
      Object.defineProperty(response, "stream", { value: Stream.die(new Error(key)) })
      return Effect.succeed(response)
    }],
    ["a response that throws when it is looked at", (request) => {
      const response = HttpClientResponse.fromWeb(request, new Response("{"))
      Object.defineProperty(response, "headers", {
        get: () => {
          throw new Error(key)
        }
      })
      return Effect.succeed(response)
    }]
  ]
  it.live.each(echoing)("is in nothing that a failing program can print: %s", ([, step]) =>
    Effect.gen(function*() {
      const logged: Array<unknown> = []
      const { spans, tracer } = recordingTracer()
      const program = Effect.gen(function*() {
        const { credits } = yield* scripted({ policy: { maxRetries: 1, backoff: { base: 1 } } }, step)
        return yield* Effect.tapCause(credits.getBalance, Effect.logError)
      })
      const exit = yield* program.pipe(
        Effect.exit,
        Effect.withTracer(tracer),
        Effect.provide(Logger.layer([Logger.make(({ cause, message }) => void logged.push(message, cause))]))
      )
      assert.isTrue(Exit.isFailure(exit) && !Exit.hasDies(exit))
      const printed = [
        Exit.isFailure(exit) ? Cause.pretty(exit.cause) : "",
        ...[exit, logged, spans].flatMap((thing) => [
          inspect(thing, { depth: null, showHidden: true, customInspect: false }),
          inspect(thing, { depth: null }),
          JSON.stringify(thing, (_, value: unknown) => typeof value === "bigint" ? String(value) : value)
        ])
      ].join("\n")
      assert.isAbove(spans.length, 1)
      assert.isAbove(logged.length, 0)
      assert.notInclude(printed, key)
    }))

  it.effect("is in no config error, however it is bad", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(scripted({ apiKey: Redacted.make(`${key}\nx`) }, ok))
      assert.notInclude(inspect(error, { depth: null }) + JSON.stringify(error) + String(error.stack), key)
    }))

  it.effect("a plain string in place of a Redacted is a PolloConfigError", () =>
    Effect.gen(function*() {
      const fromJavaScript = Schema.decodeUnknownSync(Schema.Any)(key)
      const error = yield* Effect.flip(scripted({ apiKey: fromJavaScript }, ok))
      assert.deepInclude(error, { _tag: "PolloConfigError", field: "apiKey" })
      assert.notInclude(JSON.stringify(error) + error.message, key)
    }))
})

describe("redirects", () => {
  for (const [name, layer] of transports) {
    it.live(`are never followed by ${name}, so the key never reaches the other origin`, () =>
      Effect.gen(function*() {
        const other = yield* serve((_, response) => response.end("{\"availableCredits\":1,\"totalCredits\":1}"))
        for (const code of [301, 302, 303, 307, 308]) {
          const server = yield* serve((_, response) => response.writeHead(code, { location: other.url }).end())
          for (const transformClient of [undefined, HttpClient.followRedirects(3)]) {
            const error = yield* PolloCredits.getBalance.pipe(
              Effect.provide(client(server.url, layer, { transformClient })),
              Effect.flip
            )
            assert.deepInclude(error, { _tag: "PolloInvalidResponse", reason: "Redirect", status: code })
          }
        }
        assert.strictEqual(other.requests.length, 0)
      }).pipe(Effect.scoped))
  }

  it.live("are not followed when the caller's fetch settings say follow, and the other settings stay", () =>
    Effect.gen(function*() {
      const other = yield* serve((_, response) => response.end())
      const server = yield* serve((request, response) =>
        request.headers["x-caller"] === "kept" ? response.writeHead(302, { location: other.url }).end() : response.end()
      )
      const settings = Layer.succeed(FetchHttpClient.RequestInit, {
        redirect: "follow",
        headers: { "x-caller": "kept" }
      })
      const error = yield* PolloCredits.getBalance.pipe(
        Effect.provide(client(server.url, FetchHttpClient.layer.pipe(Layer.provide(settings)))),
        Effect.flip
      )
      assert.deepInclude(error, { _tag: "PolloInvalidResponse", reason: "Redirect" })
      assert.strictEqual(other.requests.length, 0)
    }).pipe(Effect.scoped))

  for (const [name, layer] of transports) {
    it.live(`that the provided client followed through ${name} are refused`, () =>
      Effect.gen(function*() {
        const other = yield* serve((_, response) => response.end("{\"availableCredits\":1,\"totalCredits\":1}"))
        const server = yield* serve((_, response) => response.writeHead(302, { location: other.url }).end())
        const manual = Layer.succeed(FetchHttpClient.RequestInit, { redirect: "manual" })
        const following = Layer.effect(
          HttpClient.HttpClient,
          Effect.map(HttpClient.HttpClient, HttpClient.followRedirects(2))
        ).pipe(Layer.provide(layer), Layer.provide(manual))
        const error = yield* PolloCredits.getBalance.pipe(Effect.provide(client(server.url, following)), Effect.flip)
        assert.deepInclude(error, { _tag: "PolloInvalidResponse", reason: "Redirect" })
      }).pipe(Effect.scoped))
  }

  it.live("are not seen where a caller's fetch asks another address, such as a gateway's", () =>
    Effect.gen(function*() {
      const gateway = yield* serve((_, response) => response.end("{\"availableCredits\":7,\"totalCredits\":7}"))
      const viaGateway = FetchHttpClient.layer.pipe(
        Layer.provide(Layer.succeed(FetchHttpClient.Fetch, (_, init) => fetch(gateway.url, init)))
      )
      const balance = yield* PolloCredits.getBalance.pipe(Effect.provide(client("https://pollo.test", viaGateway)))
      assert.strictEqual(balance.availableCredits, 7)
    }).pipe(Effect.scoped))
})

describe("maxBodySize", () => {
  it.live("cuts a body off as it arrives, whatever length was declared", () =>
    Effect.gen(function*() {
      let written = 0
      const server = yield* serve((_, response) => {
        response.writeHead(200, { "content-type": "application/json" })
        const write = () => {
          while (!response.destroyed && written < 64_000_000 && response.write(" ".repeat(64_000))) written += 64_000
          if (!response.destroyed && written < 64_000_000) response.once("drain", write)
        }
        write()
      })
      const error = yield* PolloCredits.getBalance.pipe(
        Effect.provide(client(server.url, FetchHttpClient.layer)),
        Effect.flip
      )
      assert.deepInclude(error, { _tag: "PolloInvalidResponse", reason: "TooLarge", isRetryable: false })
      assert.isBelow(written, 64_000_000)
    }).pipe(Effect.scoped))
})

describe("trace headers", () => {
  const headersSent = Effect.fnUntraced(function*(options: Partial<PolloCredits.Options>) {
    const { credits, requests } = yield* scripted(options, ok)
    yield* credits.getBalance.pipe(Effect.withSpan("caller"))
    return Object.keys(requests[0]?.headers ?? {})
  })

  it.effect("do not go to the vendor", () =>
    Effect.gen(function*() {
      const { tracer } = recordingTracer()
      const own = ["accept", "user-agent", "x-api-key"]
      assert.sameMembers(yield* headersSent({}), own)
      assert.sameMembers(yield* Effect.withTracer(headersSent({}), tracer), own)
    }))

  it.effect("go when they are asked for", () =>
    Effect.gen(function*() {
      assert.includeMembers(yield* headersSent({ propagateTrace: true }), ["traceparent", "b3"])
    }))
})
