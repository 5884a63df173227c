import { PolloCredits } from "@effect-pollo/client"
import { createMockServer } from "@effect-pollo/mock-server"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Redacted } from "effect"
import { FetchHttpClient, type HttpClient } from "effect/http"

const server = createMockServer({ slowMillis: 60_000 })

const inProcess = FetchHttpClient.layer.pipe(
  Layer.provide(Layer.succeed(FetchHttpClient.Fetch, (input, init) => server.fetch(new Request(input, init))))
)

const listening = Effect.acquireRelease(
  Effect.promise(() => server.listen()),
  (running) => Effect.promise(() => running.close())
)

const outcome = (key: string, baseUrl: string, transport: Layer.Layer<HttpClient.HttpClient>) =>
  PolloCredits.getBalance.pipe(
    Effect.map(({ availableCredits }) => availableCredits),
    Effect.catch((error) => Effect.succeed("reason" in error ? `${error._tag} ${error.reason}` : error._tag)),
    Effect.provide(
      PolloCredits.layer({
        apiKey: Redacted.make(key),
        baseUrl,
        policy: { maxRetries: 0, attemptTimeout: "1 second" }
      }).pipe(Layer.provide(transport))
    )
  )

describe("against the mock server", () => {
  it.live("a wrong base URL is PolloNotFound", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* outcome("mock_ok", "http://localhost/api", inProcess), "PolloNotFound")
    }))

  it.live("a server that is gone is PolloTransportError", () =>
    Effect.gen(function*() {
      const gone = yield* Effect.scoped(listening)
      assert.strictEqual(yield* outcome("mock_ok", gone.baseUrl, FetchHttpClient.layer), "PolloTransportError")
    }))

  it.live("retries by the default policy ride out two failures", () =>
    Effect.gen(function*() {
      const layer = PolloCredits.layer({
        apiKey: Redacted.make("mock_500_x2_then_ok.default-policy"),
        baseUrl: "http://localhost/api/platform",
        policy: { backoff: { base: 1 } }
      })
      const fails = yield* PolloCredits.getBalance.pipe(
        Effect.provide(layer.pipe(Layer.provide(inProcess)))
      )
      assert.strictEqual(fails.availableCredits, 1000)
    }))
})
