/**
 * Several processes, one account: a budget on Redis lets them start what the balance covers, together and no more.
 *
 * Needs a Redis, at `REDIS_URL` or on this machine. It starts a mock server and three workers, which are this file
 * again.
 */
import { PolloCredits } from "@effect-pollo/client"
import { CreditBudget } from "@effect-pollo/client/CreditBudget"
import { CreditBudgetRedis } from "@effect-pollo/client/CreditBudgetRedis"
import { createMockServer } from "@effect-pollo/mock-server"
import { NodeRedis, NodeRuntime, NodeServices } from "@effect/platform-node"
import { Config, Console, Effect, Layer } from "effect"
import { FetchHttpClient, HttpBody, HttpClient } from "effect/http"
import { ChildProcess, ChildProcessSpawner } from "effect/process"
import { fileURLToPath } from "node:url"

const account = "fleet"

/** Stands for a video job of 30 credits: the vendor takes them. */
const render = Effect.gen(function*() {
  const vendor = yield* Config.String("VENDOR_URL")
  const client = HttpClient.filterStatusOk(yield* HttpClient.HttpClient)
  yield* client.post(`${vendor}/__admin/accounts/${account}/spend`, { body: HttpBody.jsonUnsafe({ credits: 30 }) })
})

const worker = Effect.gen(function*() {
  const Redis = NodeRedis.layer({ url: yield* Config.String("REDIS_URL") })
  // A first installation: nothing can have been lost. Leave `newBooks` out in production.
  const Budget = CreditBudgetRedis.layer({ account, safetyMargin: 10, newBooks: "open" }).pipe(
    Layer.provide([PolloCredits.layerConfig(), Redis])
  )
  // Each worker would like to do five jobs, and stops when the credits run short.
  yield* Effect.forEach([1, 2, 3, 4, 5], () => CreditBudget.withReservation(30)(render)).pipe(
    Effect.catchTag("InsufficientCredits", (error) => Console.error(error.message)),
    Effect.provide(Budget)
  )
})

const fleet = Effect.gen(function*() {
  const server = createMockServer({ balance: { availableCredits: 200 } })
  const vendor = yield* Effect.acquireRelease(
    Effect.promise(() => server.listen()),
    (running) => Effect.promise(() => running.close())
  )
  const spawner = yield* ChildProcessSpawner.ChildProcessSpawner
  const env = {
    REDIS_URL: yield* Config.String("REDIS_URL").pipe(Config.withDefault("redis://127.0.0.1:6379")),
    VENDOR_URL: vendor.url,
    POLLO_BASE_URL: vendor.baseUrl,
    POLLO_API_KEY: account
  }
  const start = ChildProcess.make(process.execPath, [fileURLToPath(import.meta.url), "worker"], {
    env,
    stderr: "inherit"
  })
  yield* Effect.forEach([1, 2, 3], () => spawner.string(start), { concurrency: "unbounded" })

  const { availableCredits } = yield* Effect.promise(() => server.admin.account(account))
  yield* Console.log(`${(200 - availableCredits) / 30} jobs were done, ${availableCredits} credits are left`)
}).pipe(Effect.scoped)

if (process.argv[2] === "worker") NodeRuntime.runMain(Effect.provide(worker, FetchHttpClient.layer))
else NodeRuntime.runMain(Effect.provide(fleet, NodeServices.layer))
