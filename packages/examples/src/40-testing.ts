/**
 * Three ways to test a program that reads the balance: against the mock server without a port, with what the server has
 * seen, and with a scripted service.
 */
import { PolloCredits } from "@effect-pollo/client"
import { PolloCreditsTest } from "@effect-pollo/client/testing"
import { MockServer } from "@effect-pollo/mock-server/effect"
import { expect, test } from "@effect-pollo/mock-server/vitest"
import { assert, describe, it, layer } from "@effect/vitest"
import { Effect, Fiber, Layer, Redacted } from "effect"
import { FetchHttpClient } from "effect/http"
import { TestClock } from "effect/testing"

/** The program under test. */
const canRender = (cost: number) => Effect.map(PolloCredits.getBalance, (balance) => balance.availableCredits >= cost)

/** A client for a key of the mock server. Everything is real but the wire. */
const clientOf = (mock: { readonly baseUrl: string }, key: string) =>
  PolloCredits.layer({
    apiKey: Redacted.make(key),
    baseUrl: mock.baseUrl,
    policy: { backoff: { base: "10 millis" } }
  }).pipe(Layer.provide(FetchHttpClient.layer))

layer(MockServer.layerFetch())("against the mock server, without a port", (it) => {
  it.effect("renders with enough credits", () =>
    Effect.gen(function*() {
      const mock = yield* MockServer
      // A key is a scenario; what follows its dot makes it this test's own.
      assert.isTrue(yield* Effect.provide(canRender(30), clientOf(mock, "mock_ok.renders")))
      assert.isFalse(yield* Effect.provide(canRender(30), clientOf(mock, "mock_low_balance.renders")))
    }))

  it.effect("says so when the key is revoked", () =>
    Effect.gen(function*() {
      const mock = yield* MockServer
      const error = yield* Effect.flip(Effect.provide(canRender(30), clientOf(mock, "mock_unauthorized")))
      assert.strictEqual(error._tag, "PolloUnauthorized")
    }))
})

describe("over a socket, with what the server has seen", () => {
  test("rides out two failures", async ({ mock }) => {
    const flaky = mock.steps("500_x2", "ok")
    const renders = await Effect.runPromise(Effect.provide(canRender(30), clientOf(flaky, flaky.key)))
    expect(renders).toBe(true)
    expect(flaky).toHaveSentRequests(3)
  })
})

describe("with a scripted service", () => {
  it.effect("waits for a slow answer", () =>
    Effect.gen(function*() {
      const fiber = yield* Effect.forkChild(canRender(30))
      yield* TestClock.adjust("3 seconds")
      assert.isTrue(yield* Fiber.join(fiber))
    }).pipe(Effect.provide(PolloCreditsTest.layer(PolloCreditsTest.delay("3 seconds", 30)))))

  it.effect("does not guess after a failure, nor ask again", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(canRender(1))
      assert.strictEqual(error._tag, "PolloForbidden")
      assert.strictEqual((yield* PolloCreditsTest.calls).length, 1)
    }).pipe(Effect.provide(PolloCreditsTest.layer(PolloCreditsTest.error.forbidden()))))
})
