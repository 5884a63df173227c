/**
 * Two ways to test a program that reads the balance: against the mock server in process, and with a scripted service.
 */
import { CreditBalance, PolloCredits, PolloUnauthorized } from "@effect-pollo/client"
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
      const slow = Effect.delay(
        Effect.succeed(new CreditBalance({ availableCredits: 30, totalCredits: 30 })),
        "3 seconds"
      )
      const fiber = yield* canRender(30).pipe(
        Effect.provideService(PolloCredits, { getBalance: slow }),
        Effect.forkChild
      )
      yield* TestClock.adjust("3 seconds")
      assert.isTrue(yield* Fiber.join(fiber))
    }))

  it.effect("does not guess after a failure", () =>
    Effect.gen(function*() {
      const revoked = new PolloUnauthorized({
        status: 401,
        code: "UNAUTHORIZED",
        message: "revoked",
        issues: [],
        attempts: 1
      })
      const error = yield* canRender(1).pipe(
        Effect.provideService(PolloCredits, { getBalance: Effect.fail(revoked) }),
        Effect.flip
      )
      assert.strictEqual(error, revoked)
    }))
})
