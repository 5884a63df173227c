/** A service as the documentation builds it: prints `ready`, and `given up` when Redis did not answer. */
import { BalanceCache } from "@effect-pollo/client/BalanceCache"
import { BalanceCacheRedis } from "@effect-pollo/client/BalanceCacheRedis"
import { CreditBudget } from "@effect-pollo/client/CreditBudget"
import { CreditBudgetRedis } from "@effect-pollo/client/CreditBudgetRedis"
import { layerCluster, layerSentinel } from "@effect-pollo/client/redis"
import { PolloCreditsTest } from "@effect-pollo/client/testing"
import { NodeRedis, NodeRuntime } from "@effect/platform-node"
import { Effect, Exit, Layer, Logger } from "effect"

export interface Orders {
  readonly port: number
  /** How it is connected: by NodeRedis, or as a cluster, or by a sentinel that listens there. */
  readonly by: "address" | "cluster" | "sentinel"
  readonly use: "budget" | "cache" | "both"
  readonly jobs: number
}

const { by, jobs, port, use }: Orders = JSON.parse(process.argv[2] ?? "{}")

const url = `redis://127.0.0.1:${port}`
const RedisLive = {
  address: NodeRedis.layer({ url }),
  cluster: layerCluster({ rootNodes: [{ url }] }),
  sentinel: layerSentinel({ name: "mymaster", sentinelRootNodes: [{ host: "127.0.0.1", port }] })
}[by]

const Live = Layer.merge(
  CreditBudgetRedis.layer({ account: "a", newBooks: "open" }),
  BalanceCacheRedis.layer({ account: "a", timeToLive: "10 millis" })
).pipe(
  Layer.provide([PolloCreditsTest.layer(100), RedisLive]),
  Layer.provideMerge(Logger.layer([
    // The one thing that tells of a fleet cache which goes on alone.
    Logger.make(({ message }) => {
      if (String(message).includes("unavailable")) console.log("given up")
    })
  ]))
)

const ask = Effect.gen(function*() {
  if (use !== "budget") yield* Effect.exit(BalanceCache.get)
  if (use === "cache") return
  const exit = yield* Effect.exit(CreditBudget.withReservation(1)(Effect.void))
  if (Exit.isFailure(exit)) console.log("given up")
})

NodeRuntime.runMain(
  Effect.gen(function*() {
    yield* Effect.forEach(
      Array.from({ length: jobs }),
      () => Effect.forkScoped(CreditBudget.withReservation(1)(Effect.never)),
      { discard: true }
    )
    const admitted = Effect.map(CreditBudget.status, ({ reservations }) => reservations === jobs)
    yield* Effect.repeat(Effect.delay(admitted, "10 millis"), { until: (all) => all })
    yield* ask
    console.log("ready")
    yield* Effect.forever(Effect.andThen(ask, Effect.sleep("20 millis")))
  }).pipe(Effect.scoped, Effect.provide(Live))
)
