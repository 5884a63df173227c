/**
 * Somebody else spends with the same key: the budget tells how much, and shows what its own jobs hold meanwhile.
 */
import { PolloCredits } from "@effect-pollo/client"
import { CreditBudget } from "@effect-pollo/client/CreditBudget"
import { MockServer } from "@effect-pollo/mock-server/effect"
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Fiber, Layer, Logger, Redacted, Stream } from "effect"
import { FetchHttpClient } from "effect/http"

const key = "leaked"

/** Stands for a video job of 30 credits; the vendor takes them when it accepts the job. */
const render = Effect.fnUntraced(function*(reservation: CreditBudget.Reservation) {
  const mock = yield* MockServer
  for (const { credits, label, phase } of yield* CreditBudget.holds) {
    yield* Console.log(`${label} holds ${credits} credits, ${phase}`)
  }
  yield* mock.admin.spend(key, { credits: reservation.cost })
  yield* reservation.charged
})

const job = CreditBudget.withReservation(30, { label: "team-a" })(render)

const program = Effect.gen(function*() {
  const mock = yield* MockServer
  const alarm = yield* CreditBudget.unexplained.pipe(Stream.runHead, Effect.forkChild({ startImmediately: true }))
  yield* job
  yield* mock.admin.spend(key, { credits: 120 })
  // The reading that this job waits for shows the charge of the first job, and more.
  yield* job
  const found = yield* Effect.fromOption(yield* Fiber.join(alarm))
  yield* Console.log(`${found.credits} credits are gone, and no job of ours took them: change the key`)
})

const Credits = PolloCredits.layer({ apiKey: Redacted.make(key), baseUrl: "http://localhost/api/platform" })
const Budget = CreditBudget.layer().pipe(Layer.provide(Credits), Layer.provide(FetchHttpClient.layer))
const Mock = MockServer.layerFetch({ balance: { availableCredits: 500 } })
/** The budget also warns in the log, which this program leaves out. */
const Silent = Logger.layer([])

NodeRuntime.runMain(program.pipe(Effect.provide(Budget), Effect.provide(Mock), Effect.provide(Silent)))
