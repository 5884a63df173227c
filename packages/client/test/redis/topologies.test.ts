/** The layers for Sentinel and Cluster, each on real servers. */
import { BalanceCache } from "@effect-pollo/client/BalanceCache"
import { BalanceCacheRedis } from "@effect-pollo/client/BalanceCacheRedis"
import { CreditBudget } from "@effect-pollo/client/CreditBudget"
import { CreditBudgetRedis } from "@effect-pollo/client/CreditBudgetRedis"
import { layerCluster, layerSentinel } from "@effect-pollo/client/redis"
import { PolloCreditsTest } from "@effect-pollo/client/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Logger, ManagedRuntime } from "effect"
import type { Redis } from "effect/persistence"
import { execFile } from "node:child_process"
import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { setTimeout } from "node:timers/promises"
import { promisify } from "node:util"
import * as guarded from "../support/guarded.ts"
import { freePort, redisAvailable, type RedisServer, startRedis } from "../support/redisServer.ts"

const run = promisify(execFile)

type Machine = ManagedRuntime.ManagedRuntime<CreditBudget | BalanceCache | Redis.Redis, unknown>

const machine = (redis: Layer.Layer<Redis.Redis, Redis.RedisError>): Machine & AsyncDisposable => {
  const runtime = ManagedRuntime.make(
    Layer.merge(
      CreditBudgetRedis.layer({ account: "a", lease: "1 second" }),
      BalanceCacheRedis.layer({ account: "a", timeToLive: "1 minute", prefix: "shop:" })
    ).pipe(
      Layer.provide(PolloCreditsTest.layer(100)),
      Layer.provideMerge(redis),
      Layer.provideMerge(Logger.layer([]))
    )
  )
  return Object.assign(runtime, { [Symbol.asyncDispose]: () => runtime.dispose() })
}

const eventually = async <A>(read: () => Promise<A>, enough: (value: A) => boolean, millis = 15_000): Promise<A> => {
  for (const until = Date.now() + millis;;) {
    const value = await read().catch((error: unknown) => error)
    if (!(value instanceof Error) && enough(value as A)) return value as A
    if (Date.now() > until) throw new Error(`still ${String(value)} after ${millis} ms`)
    await setTimeout(50)
  }
}

/** Admitted as soon as the books are open. */
const admitted = (from: Machine, credits: number) =>
  eventually(
    () => from.runPromise(CreditBudget.withReservation(credits)(Effect.succeed("ran"))),
    (ran) => ran === "ran"
  )

/** Admits, settles, gives back, renews, waits and shares a reading; looks and frees, as an operator does. */
const everyOperation = (on: Machine) =>
  on.runPromise(Effect.gen(function*() {
    yield* Effect.ignore(CreditBudget.withReservation(1)(Effect.fail("given back")))
    const held = yield* CreditBudget.withReservation(1)((reservation) =>
      Effect.gen(function*() {
        // Longer than a third of the lease, so both are renewed, and several looks for a top-up.
        const wait = { for: "600 millis", pollEvery: "100 millis" } as const
        const waiting = yield* Effect.forkChild(
          Effect.flip(CreditBudget.withReservation(1000, { wait })(Effect.void))
        )
        yield* Effect.sleep("300 millis")
        const line = yield* CreditBudget.holds
        assert.includeMembers(line.map(({ phase }) => phase), ["active", "waiting"])
        assert.strictEqual((yield* Fiber.join(waiting))._tag, "InsufficientCredits")
        yield* reservation.settle(0.5)
        return (yield* CreditBudget.holds).find(({ credits }) => credits === 0.5)
      })
    )
    assert.strictEqual((yield* CreditBudget.free(held?.id ?? ""))?.phase, "spent")
    assert.strictEqual((yield* CreditBudget.status).waiting, 0)
  }))

describe.skipIf(!redisAvailable)("on several Redis servers (needs redis-server on the PATH)", () => {
  it("a cluster of three masters serves a budget and a cache", async () => {
    await using stack = new AsyncDisposableStack()
    const nodes: Array<RedisServer> = []
    for (let node = 0; node < 3; node++) {
      nodes.push(stack.use(await startRedis({ args: ["--cluster-enabled", "yes"] })))
    }
    const addresses = nodes.map(({ port }) => `127.0.0.1:${port}`)
    await run("redis-cli", ["--cluster", "create", ...addresses, "--cluster-yes"], { timeout: 15_000 })
    await eventually(
      () => Promise.all(nodes.map((node) => node.cli("CLUSTER", "INFO"))),
      (infos) => infos.every((info) => info.includes("cluster_state:ok"))
    )
    const fleet = [0, 1].map((of) =>
      stack.use(machine(layerCluster({ rootNodes: nodes.slice(of).map(({ url }) => ({ url })) })))
    )
    for (const one of fleet) {
      await admitted(one, 100)
      assert.strictEqual((await one.runPromise(BalanceCache.get)).balance.availableCredits, 100)
    }
    const [one, other] = fleet
    if (one === undefined || other === undefined) throw new Error("no fleet")
    // Each script of the budget, on a client that knows all nodes and on one that has to find them.
    await everyOperation(one)
    await everyOperation(other)
    // Each command of the cache.
    await other.runPromise(BalanceCache.refresh)
    await one.runPromise(BalanceCache.invalidate)
    assert.isFalse((await other.runPromise(BalanceCache.get)).stale)

    const keys = (await Promise.all(nodes.map((node) => node.cli("KEYS", "*")))).flatMap((all) =>
      all.split(/\s+/).filter((key) => key !== "")
    )
    const slotsOf = async (kind: string) => {
      const those = keys.filter((key) => key.includes(kind))
      assert.isAtLeast(those.length, 2, keys.join(" "))
      return new Set(await Promise.all(those.map((key) => nodes[0]?.cli("CLUSTER", "KEYSLOT", key)))).size
    }
    assert.deepEqual([await slotsOf("pollo-budget"), await slotsOf("pollo-balance")], [1, 1])
    // The scripts are forgotten with the node that had them.
    await Promise.all(nodes.map((node) => node.cli("SCRIPT", "FLUSH")))
    for (const one of fleet) await admitted(one, 100)
  }, 60_000)

  it("sentinels lead to the new master after a failover", async () => {
    await using stack = new AsyncDisposableStack()
    const master = stack.use(await startRedis())
    const replica = stack.use(await startRedis({ args: ["--replicaof", "127.0.0.1", String(master.port)] }))
    await eventually(() => replica.cli("INFO", "replication"), (info) => info.includes("master_link_status:up"))
    const ports: Array<number> = []
    for (let each = 0; each < 3; each++) {
      const port = await freePort()
      const file = join(master.directory, `sentinel-${each}.conf`)
      await writeFile(
        file,
        [
          `port ${port}`,
          "bind 127.0.0.1",
          `dir ${master.directory}`,
          `sentinel monitor mymaster 127.0.0.1 ${master.port} 2`,
          "sentinel down-after-milliseconds mymaster 500",
          "sentinel failover-timeout mymaster 3000"
        ].join("\n")
      )
      stack.use(await guarded.start("redis-server", [file, "--sentinel"]))
      ports.push(port)
    }
    const sentinel = (...args: ReadonlyArray<string>) => run("redis-cli", ["-p", String(ports[0]), ...args])
    await eventually(
      () => sentinel("SENTINEL", "MASTER", "mymaster"),
      ({ stdout }) => /num-slaves\n1\n/.test(stdout) && /num-other-sentinels\n2\n/.test(stdout)
    )
    const one = stack.use(machine(
      layerSentinel({ name: "mymaster", sentinelRootNodes: ports.map((port) => ({ host: "127.0.0.1", port })) })
    ))
    await admitted(one, 100)
    await master.kill()
    await eventually(() => replica.cli("ROLE"), (role) => role.startsWith("master"), 30_000)
    await replica.cli("FLUSHALL")
    await admitted(one, 100)
    assert.include(await replica.cli("KEYS", "*"), "{pollo-budget:")
  }, 90_000)
})
