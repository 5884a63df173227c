/**
 * Reads a balance over a real socket, then shows every failure a call can have.
 *
 * Without a key it asks a mock server that it starts on a free port; with `POLLO_API_KEY` it asks the real API.
 */
import { PolloCredits, type PolloError } from "@effect-pollo/client"
import { MockServer } from "@effect-pollo/mock-server/effect"
import { NodeRuntime } from "@effect/platform-node"
import { Config, Console, Effect, Option, Redacted } from "effect"
import { FetchHttpClient } from "effect/http"

const printBalance = Effect.gen(function*() {
  const { availableCredits, totalCredits } = yield* PolloCredits.getBalance
  yield* Console.log(`${availableCredits} of ${totalCredits} credits left`)
})

/** The key of the mock server that produces each failure. */
const failures = {
  PolloBadRequest: "mock_bad_request",
  PolloUnauthorized: "mock_unauthorized",
  PolloForbidden: "mock_forbidden",
  PolloNotFound: "mock_not_found",
  PolloRateLimited: "mock_rate_limited",
  PolloServerError: "mock_503",
  PolloApiError: "mock_408",
  PolloTransportError: "mock_reset",
  PolloTimeout: "mock_hang",
  PolloInvalidResponse: "mock_not_json"
} satisfies Record<PolloError["_tag"], string>

const fromMock = Effect.gen(function*() {
  const { baseUrl } = yield* MockServer
  const withKey = (key: string) =>
    PolloCredits.layer({
      apiKey: Redacted.make(key),
      baseUrl,
      policy: { maxRetries: 1, attemptTimeout: "200 millis", backoff: { base: "10 millis" }, maxRetryAfter: 0 }
    })

  yield* Console.log(`mock server: ${baseUrl}`)
  yield* Effect.provide(printBalance, withKey("mock_ok"))
  yield* Console.log("\nand every way it can fail:")
  for (const key of Object.values(failures)) {
    const error = yield* Effect.flip(Effect.provide(printBalance, withKey(key)))
    const retryable = error._tag !== "PolloConfigError" && error.isRetryable
    yield* Console.log(`  ${error._tag.padEnd(22)}${retryable ? "retryable  " : "final      "}${error.message}`)
  }
}).pipe(Effect.provide(MockServer.layer()))

const program = Effect.gen(function*() {
  const realKey = yield* Config.option(Config.Redacted("POLLO_API_KEY"))
  return yield* Option.isSome(realKey) ? Effect.provide(printBalance, PolloCredits.layerConfig()) : fromMock
})

NodeRuntime.runMain(Effect.provide(program, FetchHttpClient.layer))
