/** What docs/redis.md asks of a Redis is tried on real servers. */
import { BalanceCache } from "@effect-pollo/client/BalanceCache"
import { BalanceCacheRedis } from "@effect-pollo/client/BalanceCacheRedis"
import { CreditBudget } from "@effect-pollo/client/CreditBudget"
import { CreditBudgetRedis } from "@effect-pollo/client/CreditBudgetRedis"
import { PolloCreditsTest } from "@effect-pollo/client/testing"
import { NodeRedis } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Logger } from "effect"
import { readFile } from "node:fs/promises"
import { setTimeout } from "node:timers/promises"
import { redisAvailable, type RedisServer, startRedis } from "../support/redisServer.ts"

const docs = await readFile(new URL("../../../../docs/redis.md", import.meta.url), "utf8")
const block = (language: string): string => new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, "ms").exec(docs)?.[1] ?? ""

/** All that a budget and a cache do, under a prefix. */
const everything = (url: string) =>
  Effect.gen(function*() {
    assert.strictEqual(yield* CreditBudget.withReservation(60)(Effect.succeed("ran")), "ran")
    assert.strictEqual((yield* Effect.flip(CreditBudget.withReservation(101)(Effect.void)))._tag, "InsufficientCredits")
    yield* Effect.scoped(Effect.flatMap(CreditBudget.reserve(60), (reservation) => reservation.settle(1)))
    // Over at least one renewal.
    yield* CreditBudget.withReservation(1)(Effect.sleep("500 millis"))
    assert.strictEqual((yield* CreditBudget.status).reservations, 1)
    yield* BalanceCache.get
    yield* BalanceCache.refresh
    yield* BalanceCache.invalidate
    assert.isFalse((yield* BalanceCache.get).stale)
  }).pipe(
    Effect.provide(
      Layer.merge(
        CreditBudgetRedis.layer({ account: "a", lease: "1 second", prefix: "shop:" }),
        BalanceCacheRedis.layer({ account: "a", prefix: "shop:", timeToLive: "1 minute" })
      ).pipe(
        Layer.provide([PolloCreditsTest.layer(100), NodeRedis.layer({ url })]),
        Layer.provideMerge(Logger.layer([]))
      )
    ),
    Effect.runPromise
  )

const connected = async (master: RedisServer, replicas: number) => {
  for (let turn = 0; turn < 200; turn++) {
    if ((await master.cli("INFO", "replication")).includes(`min_slaves_good_slaves:${replicas}`)) return
    await setTimeout(50)
  }
  throw new Error(`there are no ${replicas} replicas`)
}

describe.skipIf(!redisAvailable)("docs/redis.md (needs redis-server on the PATH)", () => {
  it("asks for settings under which a master with two replicas serves, and without them refuses", async () => {
    await using master = await startRedis()
    const settings = block("conf").trim().split("\n").flatMap((line) => `--${line}`.split(" "))
    await master.restart({ args: settings })
    const args = ["--replicaof", "127.0.0.1", String(master.port)]
    {
      await using one = await startRedis({ args })
      await using two = await startRedis({ args })
      await connected(master, 2)
      await everything(master.url)
      await Promise.all([one.kill(), two.kill()])
    }
    await connected(master, 0)
    assert.match(await master.cli("SET", "written", "1"), /^NOREPLICAS/)
  }, 40_000)

  it("gives a user all that a budget and a cache need, and no other keys", async () => {
    await using redis = await startRedis()
    assert.strictEqual(await redis.cli(...block("acl").trim().split(" ")), "OK")
    await everything(`redis://pollo:secret@127.0.0.1:${redis.port}`)
    const keys = (await redis.cli("KEYS", "*")).split("\n")
    assert.isAbove(keys.length, 1)
    for (const key of keys) assert.match(key, /^shop:pollo-.*[0-9a-f]{64}/)
    assert.match(await redis.cli("--user", "pollo", "--pass", "secret", "--no-auth-warning", "GET", "other"), /NOPERM/)
  }, 20_000)
})
