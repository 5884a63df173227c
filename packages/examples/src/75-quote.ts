/**
 * A price first: each job asks the vendor what it will cost, and starts only when that much is there.
 *
 * Nothing here prices a job by itself: there is no public list. The route stands in for the vendor's estimate.
 */
import { PolloCredits } from "@effect-pollo/client"
import { CreditBudget } from "@effect-pollo/client/CreditBudget"
import { MockServer } from "@effect-pollo/mock-server/effect"
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Layer, Redacted, Result, Schema } from "effect"
import { FetchHttpClient, HttpClient, HttpClientRequest, HttpClientResponse } from "effect/http"
import { Hono } from "hono"

const key = "quote"

/** Eight credits for each second; the last price is a slip of the vendor's. */
const vendor = new Hono().post("/estimate", async (context) => {
  const { seconds } = await context.req.json<{ readonly seconds: number }>()
  return context.json({ credits: seconds > 60 ? -1 : seconds * 8 })
})

const Estimate = Schema.Struct({ credits: Schema.Number })

/** What the vendor will take for a video of that length. An error of it is an error of the reservation. */
const estimate = (seconds: number) =>
  HttpClientRequest.post("http://vendor.example/estimate").pipe(
    HttpClientRequest.bodyJsonUnsafe({ seconds }),
    HttpClient.execute,
    Effect.flatMap(HttpClientResponse.filterStatusOk),
    Effect.flatMap(HttpClientResponse.schemaBodyJson(Estimate)),
    Effect.map(({ credits }) => credits),
    Effect.provide(FetchHttpClient.layer),
    Effect.provideService(FetchHttpClient.Fetch, async (input, init) => vendor.fetch(new Request(input, init)))
  )

/** Stands for a video job; the vendor takes what it has quoted. */
const render = Effect.fnUntraced(function*(reservation: CreditBudget.Reservation) {
  const mock = yield* MockServer
  yield* mock.admin.spend(key, { credits: reservation.cost })
  yield* reservation.charged
  return `rendered for ${reservation.cost} credits`
})

const program = Effect.gen(function*() {
  for (const seconds of [5, 10, 6, 90]) {
    const job = yield* Effect.result(CreditBudget.withReservation(estimate(seconds))(render))
    yield* Console.log(`${seconds} s: ${Result.isSuccess(job) ? job.success : job.failure.message}`)
  }
  const { availableCredits } = yield* PolloCredits.getBalance
  yield* Console.log(`${availableCredits} credits left`)
})

const Credits = PolloCredits.layer({ apiKey: Redacted.make(key), baseUrl: "http://localhost/api/platform" })
const Budget = CreditBudget.layer().pipe(Layer.provideMerge(Credits), Layer.provide(FetchHttpClient.layer))
const Mock = MockServer.layerFetch({ balance: { availableCredits: 130 } })

NodeRuntime.runMain(program.pipe(Effect.provide(Budget), Effect.provide(Mock)))
