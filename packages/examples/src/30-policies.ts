/**
 * Retries and timeouts: the defaults, an override for one call, and a circuit breaker around the transport.
 */
import { PolloCredits, RequestPolicy } from "@effect-pollo/client"
import { MockServer } from "@effect-pollo/mock-server/effect"
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Layer, Redacted } from "effect"
import { FetchHttpClient, HttpClient } from "effect/http"
import { CircuitBreaker } from "effect/persistence"

const report = Effect.fnUntraced(function*<E extends { readonly _tag: string }, R>(
  title: string,
  call: Effect.Effect<{ readonly availableCredits: number }, E, R>
) {
  const { admin } = yield* MockServer
  const before = yield* admin.countRequests()
  const outcome = yield* Effect.match(call, {
    onSuccess: ({ availableCredits }) => `${availableCredits} credits`,
    onFailure: (error) => error._tag
  })
  const after = yield* admin.countRequests()
  yield* Console.log(`${title}: ${outcome} after ${after.count - before.count} requests`)
})

const baseUrl = "http://localhost/api/platform"
const backoff = { base: "10 millis" } as const

/** The defaults ride out two failures; one call that must be quick may say so. */
const Patient = PolloCredits.layer({
  apiKey: Redacted.make("mock_500_x2_then_ok_x1_then_500"),
  baseUrl,
  policy: { backoff }
})

/** After three failures in a row no request is sent for half a minute. */
const Guarded = Layer.unwrap(Effect.gen(function*() {
  const breaker = yield* CircuitBreaker.make({ tripPolicy: CircuitBreaker.consecutive(3), openDuration: "30 seconds" })
  return PolloCredits.layer({
    apiKey: Redacted.make("mock_500"),
    baseUrl,
    policy: { backoff },
    transformClient: HttpClient.withCircuitBreaker({ breaker })
  })
})).pipe(Layer.provide(CircuitBreaker.layerStoreMemory()))

const patient = Effect.gen(function*() {
  yield* report("defaults", PolloCredits.getBalance)
  yield* report("one attempt", PolloCredits.getBalance.pipe(RequestPolicy.override({ maxRetries: 0 })))
})

const guarded = Effect.gen(function*() {
  yield* report("breaker closed", PolloCredits.getBalance)
  yield* report("breaker open", PolloCredits.getBalance)
})

const program = Effect.andThen(Effect.provide(patient, Patient), Effect.provide(guarded, Guarded))

NodeRuntime.runMain(program.pipe(Effect.provide(FetchHttpClient.layer), Effect.provide(MockServer.layerFetch())))
