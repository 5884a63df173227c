/**
 * A batch of jobs under one balance: it stops cleanly when the credits run short, and never overspends on the way.
 */
import { PolloCredits } from "@effect-pollo/client"
import { CreditBudget } from "@effect-pollo/client/CreditBudget"
import { MockServer } from "@effect-pollo/mock-server/effect"
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Layer, Redacted, Result } from "effect"
import { FetchHttpClient } from "effect/http"

const key = "batch"

/** Stands for a video job of 30 credits; the vendor takes them when it accepts the job. */
const render = Effect.fnUntraced(function*(scene: string) {
  const mock = yield* MockServer
  yield* Effect.delay(mock.admin.spend(key, { credits: 30, id: scene }), "20 millis")
  return `${scene}.mp4`
})

const program = Effect.gen(function*() {
  // Without the budget all five would read "100 left" at once and start.
  const results = yield* Effect.forEach(
    ["dawn", "noon", "dusk", "night", "storm"],
    (scene) => Effect.result(CreditBudget.withReservation(30)(render(scene))),
    { concurrency: "unbounded" }
  )
  for (const result of results) {
    yield* Console.log(Result.isSuccess(result) ? `rendered ${result.success}` : `not started: ${result.failure._tag}`)
  }
  const { availableCredits } = yield* PolloCredits.getBalance
  yield* Console.log(`${availableCredits} credits left`)
})

const Credits = PolloCredits.layer({ apiKey: Redacted.make(key), baseUrl: "http://localhost/api/platform" })
const Budget = CreditBudget.layer({ safetyMargin: 5 }).pipe(
  Layer.provideMerge(Credits),
  Layer.provide(FetchHttpClient.layer)
)
const Mock = MockServer.layerFetch({ balance: { availableCredits: 100 } })

NodeRuntime.runMain(program.pipe(Effect.provide(Budget), Effect.provide(Mock)))
