/**
 * Handles every failure: the compiler says when one is missing.
 */
import { PolloCredits } from "@effect-pollo/client"
import { MockServer } from "@effect-pollo/mock-server/effect"
import { NodeRuntime } from "@effect/platform-node"
import { Console, Duration, Effect, Redacted } from "effect"
import { FetchHttpClient } from "effect/http"

/** What an operator should be told. Its error channel is `never`: nothing is left unhandled. */
const advice: Effect.Effect<string, never, PolloCredits> = PolloCredits.getBalance.pipe(
  Effect.map(({ availableCredits }) => `${availableCredits} credits left`),
  Effect.catchTags({
    PolloUnauthorized: () => Effect.succeed("the key is missing or malformed: copy it again"),
    PolloForbidden: () => Effect.succeed("the key may not read the balance: ask the owner of the account"),
    PolloNotFound: () => Effect.succeed("no such key, or POLLO_BASE_URL is wrong: check both"),
    PolloBadRequest: ({ issues, message }) =>
      Effect.succeed([message, ...issues.map((issue) => issue.message)].join("; ")),
    PolloRateLimited: ({ retryAfter }) =>
      Effect.succeed(`slow down${retryAfter === undefined ? "" : `: ask again in ${Duration.format(retryAfter)}`}`),
    PolloServerError: ({ attempts, status }) => Effect.succeed(`the API answered ${status} to ${attempts} requests`),
    PolloApiError: ({ code, status }) => Effect.succeed(`an answer without a rule here: ${status} ${code}`),
    PolloTransportError: ({ code }) => Effect.succeed(`no connection: ${code ?? "unknown"}`),
    PolloTimeout: ({ phase }) => Effect.succeed(`too slow: the ${phase} ran out of time`),
    PolloInvalidResponse: ({ reason }) => Effect.succeed(`not the API we know: ${reason}`)
  })
)

const program = Effect.gen(function*() {
  const { baseUrl } = yield* MockServer
  const keys = ["mock_ok", "mock_unauthorized", "mock_rate_limited", "mock_502", "mock_truncated", "mock_wrong_type"]
  for (const key of keys) {
    const credits = PolloCredits.layer({ apiKey: Redacted.make(key), baseUrl, policy: { maxRetries: 0 } })
    yield* Console.log(`${key}: ${yield* Effect.provide(advice, credits)}`)
  }
})

// The mock server without a port: its `fetch` takes the place of the global one.
NodeRuntime.runMain(program.pipe(Effect.provide(FetchHttpClient.layer), Effect.provide(MockServer.layerFetch())))
