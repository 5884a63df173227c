/**
 * For programs on Effect 3: reads a balance over a real socket, tells an operator what to do about each failure, and rides
 * out a server that is busy.
 *
 * Without a key it asks a mock server that it starts on a free port; with `POLLO_API_KEY` it asks the real API.
 */
import { PolloCredits, RequestPolicy } from "@effect-pollo/client-effect3"
import { createMockServer } from "@effect-pollo/mock-server"
import { NodeHttpClient, NodeRuntime } from "@effect/platform-node"
import { Config, Console, Duration, Effect, Option, Redacted } from "effect"

/** Its error channel is `never`: the compiler says when a failure is missing. */
const advice: Effect.Effect<string, never, PolloCredits> = PolloCredits.getBalance.pipe(
  Effect.map(({ availableCredits, totalCredits }) => `${availableCredits} of ${totalCredits} credits left`),
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

const mockServer = Effect.acquireRelease(
  Effect.promise(() => createMockServer().listen({ port: 0 })),
  (server) => Effect.promise(() => server.close())
)

/** The key of the mock server chooses its answer. */
const keys = ["mock_ok", "mock_500_x2_then_ok", "mock_unauthorized", "mock_429", "mock_reset", "mock_hang", "mock_html"]

const fromMock = Effect.gen(function*() {
  const { baseUrl } = yield* mockServer
  for (const key of keys) {
    const credits = PolloCredits.layer({ apiKey: Redacted.make(key), baseUrl, policy: { backoff: { base: 10 } } })
    const line = advice.pipe(RequestPolicy.override({ attemptTimeout: "1 second", deadline: "1900 millis" }))
    yield* Console.log(`${key}: ${yield* Effect.provide(line, credits)}`)
  }
}).pipe(Effect.scoped)

const program = Effect.gen(function*() {
  const realKey = yield* Config.option(Config.redacted("POLLO_API_KEY"))
  if (Option.isNone(realKey)) return yield* fromMock
  yield* Console.log(yield* Effect.provide(advice, PolloCredits.layerConfig()))
})

NodeRuntime.runMain(Effect.provide(program, NodeHttpClient.layerUndici))
