/**
 * Two ways to test a program that reads the balance: against the mock server in process, and with a scripted service.
 */
import { PolloCredits } from "@effect-pollo/client"
import { PolloCreditsTest } from "@effect-pollo/client/testing"
import { createMockServer } from "@effect-pollo/mock-server"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Redacted } from "effect"
import { FetchHttpClient } from "effect/http"
import { TestClock } from "effect/testing"

/** The program under test. */
const canRender = (cost: number) => Effect.map(PolloCredits.getBalance, (balance) => balance.availableCredits >= cost)

describe("against the mock server, without a port", () => {
  const server = createMockServer()

  /** Everything is real but the wire. A key is a scenario; what follows its dot makes it this test's own. */
  const withKey = (key: string) =>
    PolloCredits.layer({ apiKey: Redacted.make(key), baseUrl: "http://localhost/api/platform" }).pipe(
      Layer.provide(FetchHttpClient.layer),
      Layer.provide(Layer.succeed(FetchHttpClient.Fetch, (input, init) => server.fetch(new Request(input, init))))
    )

  it.live("renders with enough credits", () =>
    Effect.gen(function*() {
      assert.isTrue(yield* canRender(30).pipe(Effect.provide(withKey("mock_ok.renders"))))
      assert.isFalse(yield* canRender(30).pipe(Effect.provide(withKey("mock_low_balance.renders"))))
    }))

  it.live("says so when the key is revoked", () =>
    Effect.gen(function*() {
      const error = yield* canRender(30).pipe(Effect.provide(withKey("mock_unauthorized")), Effect.flip)
      assert.strictEqual(error._tag, "PolloUnauthorized")
    }))
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
