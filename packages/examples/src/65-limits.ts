/**
 * Two teams on one balance: neither spends more in a day than its limit, and both together not more than theirs.
 */
import { PolloCredits } from "@effect-pollo/client"
import { CreditBudget } from "@effect-pollo/client/CreditBudget"
import { MockServer } from "@effect-pollo/mock-server/effect"
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Layer, Redacted } from "effect"
import { FetchHttpClient } from "effect/http"

const key = "limits"

/** Stands for a video job of 30 credits; the vendor takes them when it accepts the job. */
const render = Effect.fnUntraced(function*(scene: string) {
  const mock = yield* MockServer
  yield* mock.admin.spend(key, { credits: 30, id: scene })
  return `rendered ${scene}.mp4`
})

const job = (team: string, scene: string) =>
  CreditBudget.withReservation(30, { label: team })(render(scene)).pipe(
    // `resetsAt` says when the next period begins. With `wait` the job would wait for it.
    Effect.catchTag("SpendLimitReached", ({ label = "both teams", limit, spent }) =>
      Effect.succeed(`no room for ${scene}: ${spent} of ${limit} credits spent by ${label}`)),
    Effect.tap((outcome) =>
      Console.log(`${team}: ${outcome}`)
    )
  )

const program = Effect.gen(function*() {
  yield* Effect.forEach(["dawn", "noon", "dusk"], (scene) => job("team-a", scene))
  yield* Effect.forEach(["night", "storm"], (scene) => job("team-b", scene))
  const { limits } = yield* CreditBudget.status
  for (const { credits, label = "all", spent } of limits) {
    yield* Console.log(`${label}: ${spent} of ${credits} credits`)
  }
})

const Credits = PolloCredits.layer({ apiKey: Redacted.make(key), baseUrl: "http://localhost/api/platform" })
const Budget = CreditBudget.layer({
  limits: [{ credits: 80, every: "1 day", label: "team-a" }, { credits: 100, every: "1 day" }]
}).pipe(Layer.provide(Credits), Layer.provide(FetchHttpClient.layer))
const Mock = MockServer.layerFetch({ balance: { availableCredits: 1000 } })

NodeRuntime.runMain(program.pipe(Effect.provide(Budget), Effect.provide(Mock)))
