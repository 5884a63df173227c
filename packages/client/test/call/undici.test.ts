import { PolloCredits } from "@effect-pollo/client"
import * as Undici from "@effect-pollo/client/undici"
import { createMockServer } from "@effect-pollo/mock-server"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer, ManagedRuntime, Redacted } from "effect"
import { FetchHttpClient, HttpBody, HttpClient } from "effect/http"
import type { Server } from "node:http"
import { gzipSync } from "node:zlib"
import { Agent } from "undici"
import { steps } from "../support/faults.ts"
import { serve } from "../support/socketServer.ts"

/** Those that are over within the patience of these tests, and two plain refusals. */
const faults = [...steps.filter((step) => !step.endsWith("_60000")), "401", "429"]

const client = (baseUrl: string, transport: Layer.Layer<HttpClient.HttpClient>, key = "a-key-of-its-own") =>
  PolloCredits.layer({
    apiKey: Redacted.make(key),
    baseUrl,
    policy: { attemptTimeout: "1500 millis", maxRetries: 0 }
  }).pipe(Layer.provide(transport))

const mock = Effect.acquireRelease(
  Effect.promise(() => createMockServer().listen()),
  (server) => Effect.promise(() => server.close())
)

const connections = (server: Server) =>
  Effect.callback<number>((resume) => void server.getConnections((_, count) => resume(Effect.succeed(count))))

describe("the transport over undici's dispatch", () => {
  it.live.each(faults)("makes the same error of mock_%s as the one over fetch", (step) =>
    Effect.gen(function*() {
      const { baseUrl } = yield* mock
      const seen = yield* Effect.forEach([FetchHttpClient.layer, Undici.layer()], (transport) =>
        PolloCredits.getBalance.pipe(
          Effect.map(({ availableCredits }) => ({ availableCredits })),
          Effect.catch((error) =>
            Effect.succeed({ tag: error._tag, reason: "reason" in error ? error.reason : undefined })
          ),
          Effect.provide(client(baseUrl, transport, `mock_${step}.${crypto.randomUUID()}`))
        ), { concurrency: "unbounded" })
      assert.deepEqual(seen[1], seen[0])
    }).pipe(Effect.scoped))

  it.live("streams what is larger than its buffer, so that a client may take more", () =>
    Effect.gen(function*() {
      const padding = "x".repeat(300_000)
      const { url } = yield* serve((_, response) =>
        void response.end(JSON.stringify({ availableCredits: 7, totalCredits: 9, padding }))
      )
      const read = (maxBodySize: number) =>
        PolloCredits.getBalance.pipe(
          Effect.provide(PolloCredits.layer({ apiKey: Redacted.make("a-key"), baseUrl: url, maxBodySize })),
          Effect.provide(Undici.layer())
        )
      assert.strictEqual((yield* read(400_000)).availableCredits, 7)
      assert.include({ ...(yield* Effect.flip(read(100_000))) }, { reason: "TooLarge" })
    }).pipe(Effect.scoped))

  it.live("gives out any status that a server sends", () =>
    Effect.gen(function*() {
      const { url } = yield* serve((_, response) => void response.writeHead(799).end("odd"))
      const response = yield* HttpClient.get(url)
      assert.deepEqual([response.status, yield* response.text], [799, "odd"])
    }).pipe(Effect.scoped, Effect.provide(Undici.layer())))

  it.live("understands a body that is compressed unasked", () =>
    Effect.gen(function*() {
      const body = gzipSync(JSON.stringify({ availableCredits: 7, totalCredits: 9 }))
      const { url } = yield* serve((_, response) =>
        void response.writeHead(200, { "content-encoding": "gzip" }).end(body)
      )
      const balance = yield* PolloCredits.getBalance.pipe(Effect.provide(client(url, Undici.layer())))
      assert.strictEqual(balance.availableCredits, 7)
    }).pipe(Effect.scoped))

  it.live("leaves no socket when calls are interrupted, whatever had come of the answer", () =>
    Effect.gen(function*() {
      let arrived = 0
      const all = Promise.withResolvers<void>()
      const { server, url } = yield* serve((_, response) => {
        const kind = arrived % 3
        if (kind === 1) response.writeHead(200).write("{")
        if (kind === 2) response.writeHead(503).write("{")
        if (++arrived === 30) all.resolve()
      })
      const runtime = ManagedRuntime.make(client(url, Undici.layer()))
      const fibers = Array.from({ length: 30 }, () => runtime.runFork(PolloCredits.getBalance))
      yield* Effect.promise(() => all.promise)
      yield* Fiber.interruptAll(fibers)
      let left = yield* connections(server)
      for (let n = 0; left > 0 && n < 200; n++) {
        yield* Effect.sleep("10 millis")
        left = yield* connections(server)
      }
      assert.strictEqual(left, 0)
      yield* Effect.promise(() => runtime.dispose())
    }).pipe(Effect.scoped))

  it.live("closes its own agent with the layer, and never the caller's", () =>
    Effect.gen(function*() {
      const { url } = yield* serve((_, response) =>
        void response.end(JSON.stringify({ availableCredits: 7, totalCredits: 9 }))
      )
      const dispatcher = yield* Effect.acquireRelease(
        Effect.sync(() => new Agent()),
        (agent) => Effect.promise(() => agent.destroy())
      )
      const read = PolloCredits.getBalance.pipe(Effect.provide(client(url, Undici.layer({ dispatcher }))))
      assert.strictEqual((yield* read).availableCredits, 7)
      assert.strictEqual((yield* read).availableCredits, 7)
    }).pipe(Effect.scoped))

  it.live("refuses a request with a body", () =>
    Effect.gen(function*() {
      const error = yield* HttpClient.post("http://127.0.0.1:1/", { body: HttpBody.text("credits") }).pipe(
        Effect.provide(Undici.layer()),
        Effect.flip
      )
      assert.include(String(error.reason.cause), "sends no request body")
    }))
})
