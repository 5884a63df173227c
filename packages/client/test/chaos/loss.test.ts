/** An older snapshot comes back, or the books are gone: nobody is admitted to what others hold. */
import { type RedisServer, startRedis } from "../support/redisServer.ts"
import { address } from "./support/address.ts"
import { aMoment, loseTheBooks } from "./support/loss.ts"
import { machine } from "./support/machine.ts"
import { scenario, type Trial } from "./support/trial.ts"

const rdb = { args: ["--save", "3600", "1"] }
const aof = { args: ["--appendonly", "yes"] }

const crash = async (redis: RedisServer) => {
  await redis.kill()
  await redis.restart()
}

for (const machines of [1, 2]) {
  const count = machines === 1 ? "one machine" : "two machines"
  const fleet = (trial: Trial, url: string) => {
    const a = machine(trial, url)
    return { a, b: machines === 1 ? a : machine(trial, url) }
  }

  scenario(`Redis comes back with an older RDB snapshot, ${count}`, async (trial) => {
    const redis = trial.use(await startRedis(rdb))
    await loseTheBooks(trial, {
      ...fleet(trial, redis.url),
      before: () => redis.cli("SAVE"),
      fault: () => crash(redis)
    })
  })

  scenario(`Redis comes back with its AOF, ${count}`, async (trial) => {
    const redis = trial.use(await startRedis(aof))
    await loseTheBooks(trial, { ...fleet(trial, redis.url), fault: () => crash(redis) })
  })

  scenario(`a replica that lagged is promoted, ${count}`, async (trial) => {
    const master = trial.use(await startRedis())
    const replica = trial.use(await startRedis({ args: ["--replicaof", "127.0.0.1", String(master.port)] }))
    const front = trial.use(await address(master.port))
    await loseTheBooks(trial, {
      ...fleet(trial, front.url),
      before: async () => {
        await synchronised(trial, replica)
        replica.pause()
      },
      fault: async () => {
        front.leadTo(replica.port)
        await master.kill()
        replica.resume()
        await replica.cli("REPLICAOF", "NO", "ONE")
      }
    })
  })

  scenario(`FLUSHALL while Redis runs on, ${count}`, async (trial) => {
    const redis = trial.use(await startRedis())
    await loseTheBooks(trial, {
      ...closedFleet(trial, redis.url, machines),
      fault: () => redis.cli("FLUSHALL")
    })
  })
}

/** With `newBooks: "open"` nothing is promised when the books vanish. */
const closedFleet = (trial: Trial, url: string, machines = 2) => {
  const a = machine(trial, url, { newBooks: "closed" })
  return { a, b: machines === 1 ? a : machine(trial, url, { newBooks: "closed" }) }
}

const synchronised = (trial: Trial, replica: RedisServer) =>
  trial.until("the replica is synchronised", async () => {
    const info = await replica.cli("INFO", "replication")
    return info.includes("master_link_status:up") && info.includes("master_sync_in_progress:0")
  })

for (
  const [what, lose] of [
    ["FLUSHALL", (redis: RedisServer) => redis.cli("FLUSHALL")],
    ["an empty restart", crash],
    ["eviction", async (redis: RedisServer) => {
      await redis.cli("CONFIG", "SET", "maxmemory-policy", "allkeys-random", "maxmemory", "1")
      await redis.cli("SET", "one", "more")
      await redis.cli("CONFIG", "SET", "maxmemory", "0")
    }]
  ] as const
) {
  scenario(`the books are lost by ${what}, and a new machine asks first`, async (trial) => {
    const redis = trial.use(await startRedis())
    await loseTheBooks(trial, {
      ...closedFleet(trial, redis.url),
      fault: () => lose(redis),
      asksAfter: () => machine(trial, redis.url, { newBooks: "closed" })
    })
  })
}

scenario("an older state of the books is restored by hand", async (trial) => {
  const redis = trial.use(await startRedis())
  const key = async () => (await redis.cli("KEYS", "pollo-budget:*")).split("\n")[0] ?? ""
  await loseTheBooks(trial, {
    a: machine(trial, redis.url),
    b: machine(trial, redis.url),
    before: async () => redis.cli("EVAL", "redis.call('SET', 'saved', redis.call('DUMP', KEYS[1]))", "1", await key()),
    fault: async () =>
      redis.cli("EVAL", "redis.call('RESTORE', KEYS[1], 0, redis.call('GET', 'saved'), 'REPLACE')", "1", await key())
  })
})

scenario("readings count again at once after an older snapshot came back", async (trial) => {
  const redis = trial.use(await startRedis(rdb))
  const [a, b] = [machine(trial, redis.url), machine(trial, redis.url)]
  await trial.until("the books are open at first", async () => (await a.ask(1)) === "ran")
  await redis.cli("SAVE")
  for (let each = 0; each < 40; each++) {
    await trial.until("A is admitted before", async () => (await a.ask(1)) === "ran")
  }
  await crash(redis)
  await trial.until("the books are open again", async () => (await b.ask(100)) === "ran")
  trial.balance = 30
  trial.control((await b.ask(31)) !== "ran", "an old reading counted")
  await trial.until("B gets what there is", async () => (await b.ask(30)) === "ran")
})

scenario("two jobs share no hold after an older snapshot came back", async (trial) => {
  const redis = trial.use(await startRedis(rdb))
  const [a, b] = [machine(trial, redis.url), machine(trial, redis.url)]
  await trial.until("the books are open at first", async () => (await a.ask(1)) === "ran")
  await redis.cli("SAVE")
  const first = await a.hold(30)
  await crash(redis)
  await trial.until("the books are open again", async () => (await b.ask(70)) === "ran")
  const second = await a.hold(30)
  trial.control((await b.ask(41)) !== "ran", "B got more than A leaves")
  await trial.until("B gets what A leaves", async () => (await b.ask(40)) === "ran")
  await first.release()
  trial.control((await b.ask(71)) !== "ran", "the end of one job has freed the other's hold")
  await trial.until("what the first job held is free", async () => (await b.ask(70)) === "ran")
  await second.release()
})

scenario("a failover with two replicas and min-replicas-to-write 1, and back again", async (trial) => {
  const settings = ["--min-replicas-to-write", "1", "--min-replicas-max-lag", "2"]
  const master = trial.use(await startRedis({ args: settings }))
  const replicaOf = (port: number) => ["--replicaof", "127.0.0.1", String(port), ...settings]
  const one = trial.use(await startRedis({ args: replicaOf(master.port) }))
  const two = trial.use(await startRedis({ args: replicaOf(master.port) }))
  const front = trial.use(await address(master.port))
  await Promise.all([synchronised(trial, one), synchronised(trial, two)])
  const promote = async (next: RedisServer, others: ReadonlyArray<RedisServer>) => {
    front.leadTo(next.port)
    await next.cli("REPLICAOF", "NO", "ONE")
    // Clients that are connected stay with the old master, which answers READONLY from now on.
    for (const other of others) await other.cli("REPLICAOF", "127.0.0.1", String(next.port))
  }
  await loseTheBooks(trial, {
    a: machine(trial, front.url),
    b: machine(trial, front.url),
    // What the first replica has missed when it is promoted.
    before: async () => one.pause(),
    fault: async () => {
      one.resume()
      await promote(one, [master, two])
      await aMoment(1500)
      await promote(master, [one, two])
    }
  })
})
