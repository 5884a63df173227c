/**
 * A batch of jobs under one balance: it stops cleanly when the credits run short, and never overspends on the way.
 */
import { PolloCredits } from "@effect-pollo/client"
import { CreditBudget } from "@effect-pollo/client/CreditBudget"
import { createMockServer } from "@effect-pollo/mock-server"
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Layer, Redacted, Result } from "effect"
import { FetchHttpClient } from "effect/http"

const key = "batch"
const server = createMockServer({ balance: { availableCredits: 100 } })

/** Stands for a video job of 30 credits; the vendor takes them when it accepts the job. */
const render = (scene: string) =>
  Effect.promise(() => server.admin.spend(key, { credits: 30, id: scene })).pipe(
    Effect.as(`${scene}.mp4`),
    Effect.delay("20 millis")
  )

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

const InProcess = FetchHttpClient.layer.pipe(
  Layer.provide(Layer.succeed(FetchHttpClient.Fetch, (input, init) => server.fetch(new Request(input, init))))
)
const Credits = PolloCredits.layer({ apiKey: Redacted.make(key), baseUrl: "http://localhost/api/platform" })
const Budget = CreditBudget.layer({ safetyMargin: 5 })

NodeRuntime.runMain(program.pipe(Effect.provide(Budget.pipe(Layer.provideMerge(Credits), Layer.provide(InProcess)))))
