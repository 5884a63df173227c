import { PolloCredits } from "@effect-pollo/client"
import { CreditBudget } from "@effect-pollo/client/CreditBudget"
import { CreditBudgetRedis } from "@effect-pollo/client/CreditBudgetRedis"
import { createMockServer } from "@effect-pollo/mock-server"
import { NodeRedis } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Redacted } from "effect"
import { FetchHttpClient } from "effect/http"
import { Redis } from "effect/persistence"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import type { Orders } from "../support/budgetMachine.ts"
import { redisAvailable, startRedis } from "../support/redisServer.ts"

/** A machine as a process. `charges` counts what it has reported so far. */
const start = (orders: Orders) => {
  const child = spawn(
    process.execPath,
    [fileURLToPath(new URL("../support/budgetMachine.ts", import.meta.url)), JSON.stringify(orders)],
    { stdio: ["ignore", "pipe", "inherit"] }
  )
  const lines: Array<string> = []
  const reader = createInterface(child.stdout).on("line", (line) => lines.push(line))
  const exited = once(child, "exit")
  return {
    lines,
    kill: () => child.kill("SIGKILL"),
    [Symbol.dispose]: () => child.kill("SIGKILL"),
    exited,
    charged: async (count: number) => {
      // A machine that finds no money left ends with fewer.
      while (lines.filter((line) => line === "charged").length < count && child.exitCode === null) {
        await Promise.race([once(reader, "line"), exited])
      }
    }
  }
}

describe.skipIf(!redisAvailable)("a fleet of processes (needs redis-server on the PATH)", () => {
  it("never overspends, though one machine is killed in mid-job and Redis starts again empty", async () => {
    await using redis = await startRedis()
    const mock = createMockServer()
    await using listening = await mock.listen({ port: 0 })
    const key = "mock_ok.fleet"
    const safetyMargin = 105
    const leaseMillis = 1500
    await mock.admin.setAccount(key, { availableCredits: 1000 })

    const orders = { redis: redis.url, mock: listening.url, key, cost: 10, safetyMargin, leaseMillis, limits: [] }
    using victim = start({ ...orders, name: "victim", jobs: 6, hangs: true })
    await victim.charged(3)
    using machines = new DisposableStack()
    const fleet = ["a", "b", "c"].map((name) => machines.use(start({ ...orders, name, jobs: 60, hangs: false })))
    await Promise.all(fleet.map((machine) => machine.charged(2)))
    victim.kill()
    await Promise.all(fleet.map((machine) => machine.charged(8)))
    await redis.restart()
    const exits = await Promise.all(fleet.map((machine) => machine.exited))

    const { availableCredits, lowestCredits } = await mock.admin.account(key)
    assert.deepEqual(exits, [[0, null], [0, null], [0, null]])
    assert.isAtLeast(lowestCredits, safetyMargin)
    for (const { lines } of fleet) {
      assert.deepEqual(lines.filter((line) => line.startsWith("not charged")), [])
      const ends: ReadonlyArray<string> = JSON.parse(lines.at(-1) ?? "[]")
      assert.deepEqual(ends.filter((end) => end !== "ran" && end !== "InsufficientCredits"), [])
    }

    // Nothing is held for long: what the fleet has left can be spent to the last credit above the margin.
    const rest = Effect.gen(function*() {
      const client = yield* Redis.Redis
      const [books = ""] = yield* client.send<Array<string>>("KEYS", "pollo-budget:*")
      for (let lease = 0; lease < 3; lease++) {
        yield* Effect.ignore(CreditBudget.withReservation(0)(Effect.void))
        yield* client.send("HINCRBY", books, "now", String(leaseMillis))
      }
      const all = CreditBudget.withReservation(availableCredits - safetyMargin)
      assert.strictEqual(yield* Effect.flip(all(Effect.fail("not spent"))), "not spent")
      return yield* CreditBudget.status
    }).pipe(
      Effect.provide(
        CreditBudgetRedis.layer({ account: key, safetyMargin, lease: leaseMillis, newBooks: "open" }).pipe(
          Layer.provide(PolloCredits.layer({ apiKey: Redacted.make(key), baseUrl: `${listening.url}/api/platform` })),
          Layer.provide(FetchHttpClient.layer),
          Layer.provideMerge(NodeRedis.layer({ url: redis.url }))
        )
      )
    )
    assert.deepInclude(await Effect.runPromise(rest), { reserved: 0, reservations: 0, waiting: 0 })
  }, 60_000)

  it("never spends beyond a limit, though one machine is killed in mid-job", async () => {
    await using redis = await startRedis()
    const mock = createMockServer()
    await using listening = await mock.listen({ port: 0 })
    const key = "mock_ok.limited"
    await mock.admin.setAccount(key, { availableCredits: 10_000 })
    const label = "team-a"

    // The one period of this limit began in 1970.
    const limits = [{ credits: 300, every: "36500 days", label }] as const
    const common = { redis: redis.url, mock: listening.url, key, cost: 10, safetyMargin: 0, leaseMillis: 1500, limits }
    using victim = start({ ...common, label, name: "victim", jobs: 6, hangs: true })
    await victim.charged(3)
    using machines = new DisposableStack()
    const fleet = ["a", "b"].map((name) => machines.use(start({ ...common, label, name, jobs: 40, hangs: false })))
    using other = start({ ...common, name: "other", jobs: 40, hangs: false })
    await Promise.all(fleet.map((machine) => machine.charged(2)))
    victim.kill()
    await victim.exited
    await Promise.all([...fleet, other].map((machine) => machine.exited))

    const ofTeam = [victim, ...fleet].flatMap(({ lines }) => lines.filter((line) => line === "charged")).length * 10
    assert.isAtMost(ofTeam, limits[0].credits)
    // The jobs of the victim count, charged or not.
    assert.isAtLeast(ofTeam, limits[0].credits - 60)
    const ends = fleet.flatMap(({ lines }): ReadonlyArray<string> => JSON.parse(lines.at(-1) ?? "[]"))
    assert.sameMembers([...new Set(ends)], ["ran", "SpendLimitReached"])
    const unlimited: ReadonlyArray<string> = JSON.parse(other.lines.at(-1) ?? "[]")
    assert.deepEqual([...new Set(unlimited)], ["ran"])
    assert.strictEqual(unlimited.length, 40)
    assert.strictEqual((await mock.admin.account(key)).availableCredits, 10_000 - ofTeam - 400)
  }, 60_000)
})
