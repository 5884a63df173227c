import { PolloCredits } from "@effect-pollo/client"
import { createMockServer } from "@effect-pollo/mock-server"
import { NodeHttpClient } from "@effect/platform-node"
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

/** What a client makes of each key, whatever carries the request. */
const scenarios = {
  mock_ok: 1000,
  mock_low_balance: 5,
  mock_empty: 0,
  mock_fractional: 12.34,
  mock_negative: -15,
  mock_envelope: 1000,
  mock_extra_field: 1000,
  mock_bad_request: "PolloBadRequest",
  mock_422: "PolloBadRequest",
  mock_unauthorized: "PolloUnauthorized",
  mock_forbidden: "PolloForbidden",
  mock_not_found: "PolloNotFound",
  mock_rate_limited: "PolloRateLimited",
  mock_408: "PolloApiError",
  mock_500: "PolloServerError",
  mock_502: "PolloServerError",
  mock_503: "PolloServerError",
  mock_504: "PolloServerError",
  mock_status_418: "PolloApiError",
  mock_error_body: "PolloUnauthorized",
  mock_not_json: "PolloInvalidResponse NotJson",
  mock_wrong_type: "PolloInvalidResponse Schema",
  mock_missing_field: "PolloInvalidResponse Schema",
  mock_empty_body: "PolloInvalidResponse NotJson",
  mock_truncated: "PolloTransportError",
  mock_hang: "PolloTimeout",
  mock_slow: "PolloTimeout",
  mock_no_such_step: "PolloBadRequest"
} as const

describe("against the mock server", () => {
  const rows = Object.entries(scenarios)

  it.live.each(rows)("%s without a port is %s", ([key, expected]) =>
    Effect.gen(function*() {
      assert.strictEqual(yield* outcome(key, "http://localhost/api/platform", inProcess), expected)
    }))

  const transports = [
    ["fetch", FetchHttpClient.layer],
    ["undici", NodeHttpClient.layerUndici],
    ["node:http", NodeHttpClient.layerNodeHttp]
  ] as const
  it.live.each(transports)(
    "over a real socket each key means the same to %s",
    ([, transport]) =>
      Effect.gen(function*() {
        const { baseUrl } = yield* listening
        const outcomes = yield* Effect.forEach(
          [...rows, ["mock_reset", "PolloTransportError"] as const],
          ([key]) => Effect.map(outcome(key, baseUrl, transport), (result) => [key, result] as const),
          { concurrency: "unbounded" }
        )
        assert.deepEqual(Object.fromEntries(outcomes), { ...scenarios, mock_reset: "PolloTransportError" })
      }).pipe(Effect.scoped)
  )

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
