/**
 * An alert before the credits are gone: one for each time they run low, however the balance moves around the mark.
 */
import { PolloCredits } from "@effect-pollo/client"
import { BalanceWatch } from "@effect-pollo/client/BalanceWatch"
import { MockServer } from "@effect-pollo/mock-server/effect"
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Layer, Redacted, Stream } from "effect"
import { FetchHttpClient } from "effect/http"

const key = "alert"

/** Where an alert goes: a chat, a pager, a ticket. */
const notify = (text: string) => Console.log(text)

const alert = BalanceWatch.stream({ every: "50 millis", lowAt: 500, recoverAt: 600 }).pipe(
  Stream.tap((event) => {
    switch (event._tag) {
      case "Low":
        return notify(`low: ${event.balance.availableCredits} credits left`)
      case "Recovered":
        return notify(`recovered: ${event.balance.availableCredits} credits left`)
      case "ToppedUp":
        return notify(`topped up by ${event.credits}`)
      case "Unreachable":
        return notify(`cannot read the balance: ${event.error.message}`)
      case "Reachable":
        return notify("can read the balance again")
      default:
        return Effect.void
    }
  }),
  Stream.takeUntil((event) => event._tag === "Recovered"),
  Stream.runDrain
)

/** What happens to the account meanwhile: a spend past the mark, one more below it, then a top-up. */
const story = Effect.gen(function*() {
  const { admin } = yield* MockServer
  yield* Effect.delay(admin.spend(key, { credits: 150 }), "120 millis")
  yield* Effect.delay(admin.spend(key, { credits: 20 }), "120 millis")
  yield* Effect.delay(admin.topUp(key, { credits: 300 }), "120 millis")
})

const Credits = PolloCredits.layer({ apiKey: Redacted.make(key), baseUrl: "http://localhost/api/platform" }).pipe(
  Layer.provide(FetchHttpClient.layer)
)

NodeRuntime.runMain(
  Effect.all([alert, story], { concurrency: 2, discard: true }).pipe(
    Effect.provide(Credits),
    Effect.provide(MockServer.layerFetch({ balance: { availableCredits: 620 } }))
  )
)
