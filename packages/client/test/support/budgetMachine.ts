/**
 * One machine of a fleet, as a process: starts jobs through a shared budget, each of which draws on the mock server's
 * ledger. Prints `charged` for each charge, and at its end how the jobs ended, as JSON.
 */
import { PolloCredits } from "@effect-pollo/client"
import { CreditBudget } from "@effect-pollo/client/CreditBudget"
import { CreditBudgetRedis } from "@effect-pollo/client/CreditBudgetRedis"
import { NodeRedis } from "@effect/platform-node"
import { Effect, Layer, Logger, Redacted, Schedule } from "effect"
import { FetchHttpClient } from "effect/http"

export interface Orders {
  readonly name: string
  readonly redis: string
  readonly mock: string
  readonly key: string
  readonly jobs: number
  readonly cost: number
  readonly safetyMargin: number
  readonly leaseMillis: number
  readonly limits: ReadonlyArray<CreditBudget.Limit>
  readonly label?: string
  /** The jobs hang after they were charged. */
  readonly hangs: boolean
}

const orders: Orders = JSON.parse(process.argv[2] ?? "{}")
const { cost, hangs, jobs, key, label, leaseMillis, limits, mock, name, redis, safetyMargin } = orders

const spend = (id: string) =>
  Effect.promise(async () => {
    const response = await fetch(`${mock}/__admin/accounts/${key}/spend`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ credits: cost, id })
    })
    console.log(response.ok ? "charged" : `not charged: ${await response.text()}`)
  })

const job = (number: number) =>
  CreditBudget.withReservation(cost, { label })(
    Effect.sleep("10 millis").pipe(
      Effect.andThen(spend(`${name} ${number}`)),
      Effect.andThen(hangs ? Effect.never : Effect.sleep("40 millis"))
    )
  ).pipe(
    // Redis is away, or back without the books: ask again.
    Effect.retry({
      while: (error) => error._tag === "BudgetStoreError" && error.isTransient,
      schedule: Schedule.spaced("50 millis")
    }),
    Effect.match({ onSuccess: () => "ran", onFailure: (error) => error._tag })
  )

const program = Effect.forEach(Array.from({ length: jobs }, (_, number) => number), job, { concurrency: 6 }).pipe(
  Effect.provide(
    CreditBudgetRedis.layer({ account: key, safetyMargin, limits, lease: leaseMillis, newBooks: "open" }).pipe(
      Layer.provide(PolloCredits.layer({ apiKey: Redacted.make(key), baseUrl: `${mock}/api/platform` })),
      Layer.provide([FetchHttpClient.layer, NodeRedis.layer({ url: redis })])
    )
  ),
  Effect.provide(Logger.layer([]))
)

console.log(JSON.stringify(await Effect.runPromise(program)))
