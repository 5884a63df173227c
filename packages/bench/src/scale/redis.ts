/** What a reservation costs a Redis server of its own as others are open, by the server's own count. */
import { CreditBudget } from "@effect-pollo/client/CreditBudget"
import { CreditBudgetRedis } from "@effect-pollo/client/CreditBudgetRedis"
import { NodeRedis } from "@effect/platform-node"
import { Effect, Layer, Logger, ManagedRuntime } from "effect"
import { Redis } from "effect/persistence"
import { spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import { createServer } from "node:net"
import { createInterface } from "node:readline"
import { atMost, type Section, show } from "../report.ts"
import { creditsOf, openHolds } from "./budget.ts"

const text =
  "Processor time of the Redis server for a reservation, by `INFO commandstats`: the scripts of an admission "
  + "(a ticket and a decision) and of a settlement, each with the commands that it runs."

const freePort = async (): Promise<number> => {
  await using server = createServer().listen(0, "127.0.0.1")
  await once(server, "listening")
  const address = server.address()
  if (address === null || typeof address === "string") throw new Error("no port on loopback")
  return address.port
}

/** Where this is false nothing is measured on Redis. */
export const redisAvailable: boolean = spawnSync("redis-server", ["--version"]).status === 0

export const startRedis = async (): Promise<Disposable & { readonly url: string }> => {
  const port = await freePort()
  const child = spawn("redis-server", ["--port", String(port), "--bind", "127.0.0.1", "--save", ""], {
    stdio: ["ignore", "pipe", "inherit"]
  })
  for await (const line of createInterface(child.stdout)) {
    if (line.includes("Ready to accept connections")) break
  }
  return { url: `redis://127.0.0.1:${port}`, [Symbol.dispose]: () => void child.kill("SIGKILL") }
}

/** Microseconds that the server has spent in scripts. */
export const inScripts = Effect.gen(function*() {
  const redis = yield* Redis.Redis
  const stats = yield* redis.send<string>("INFO", "commandstats")
  return Array.from(stats.matchAll(/^cmdstat_eval(?:sha)?:calls=\d+,usec=(\d+)/gm), ([, micros]) => Number(micros))
    .reduce((sum, micros) => sum + micros, 0)
})

/** Microseconds of one reservation beside that many, in the order of `holds`. */
const measured = async (url: string, holds: ReadonlyArray<number>, samples: number): Promise<ReadonlyArray<number>> => {
  // No lease is renewed meanwhile.
  const budget = CreditBudgetRedis.layer({ account: "bench", lease: "1 hour", newBooks: "open" })
  // All that are open end in one turn, which takes Redis longer than each of them waits for it, and it would say so.
  const silent = Logger.layer([])
  const runtime = ManagedRuntime.make(
    budget.pipe(Layer.provide(creditsOf(1e9)), Layer.provideMerge(NodeRedis.layer({ url })), Layer.provideMerge(silent))
  )
  const some = Effect.repeat(CreditBudget.withReservation(1)(Effect.void), { times: samples - 1 })
  await runtime.runPromise(some)
  const taken: Array<number> = []
  for (const count of holds) {
    const opened = await openHolds(runtime, count)
    const before = await runtime.runPromise(inScripts)
    await runtime.runPromise(some)
    taken.push((await runtime.runPromise(inScripts) - before) / samples)
    await opened.close()
  }
  await runtime.dispose()
  return taken
}

export const redis = async (quick: boolean): Promise<Section> => {
  const title = "The budget on Redis"
  const columns = ["beside", "µs of the server"]
  if (!redisAvailable) {
    return { title, text: `${text} Not measured: there is no redis-server on the PATH.`, columns, rows: [], gates: [] }
  }
  using server = await startRedis()
  const holds = [10, 1000, 10_000]
  const taken = await measured(server.url, holds, quick ? 200 : 1000)
  const [few = 0, , many = 0] = taken
  return {
    title,
    text,
    columns,
    rows: holds.map((count, index) => [`${count} open holds`, show(taken[index] ?? 0)]),
    gates: [atMost("a reservation beside 10,000 open holds, to one beside 10", many / few, 3)]
  }
}
