/** The layers for Sentinel and Cluster, each on real servers. */
import { BalanceCache } from "@effect-pollo/client/BalanceCache"
import { BalanceCacheRedis } from "@effect-pollo/client/BalanceCacheRedis"
import { CreditBudget } from "@effect-pollo/client/CreditBudget"
import { CreditBudgetRedis } from "@effect-pollo/client/CreditBudgetRedis"
import { layerCluster, layerSentinel } from "@effect-pollo/client/redis"
import { PolloCreditsTest } from "@effect-pollo/client/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Logger, ManagedRuntime } from "effect"
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
    const keys = (await Promise.all(nodes.map((node) => node.cli("KEYS", "*")))).map((all) => all.split(/\s+/))
    const tags = keys.flat().filter((key) => key.includes("pollo-budget")).map((key) =>
      /\{(.+)\}/.exec(key)?.[1] ?? key
    )
    assert.isAtLeast(tags.length, 2)
    assert.strictEqual(new Set(tags).size, 1, keys.flat().join(" "))
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
