/** Each refusal of Redis is told as what it is, starts no job, and is over when it is over. */
import { BalanceCache } from "@effect-pollo/client/BalanceCache"
import { BalanceCacheRedis } from "@effect-pollo/client/BalanceCacheRedis"
import { PolloCreditsTest } from "@effect-pollo/client/testing"
import { NodeRedis } from "@effect/platform-node"
import { Layer, Logger, ManagedRuntime } from "effect"
import { type RedisServer, startRedis } from "../support/redisServer.ts"
import { machine } from "./support/machine.ts"
import { scenario, type Trial } from "./support/trial.ts"

interface Refusal {
  readonly told: RegExp
  readonly begin: (redis: RedisServer) => Promise<unknown>
  readonly end: (redis: RedisServer) => Promise<unknown>
}

const set = (name: string, value: string) => (redis: RedisServer) => redis.cli("CONFIG", "SET", name, value)

/** A is told why, and no job is started; when it is over, B gets exactly what A leaves. */
const play = async (trial: Trial, redis: RedisServer, { begin, end, told: refusal }: Refusal, login = redis.url) => {
  const [a, b] = [login, redis.url].map((url) => machine(trial, url))
  if (a === undefined || b === undefined) throw new Error("two machines")
  await Promise.all([a.ready(), b.ready()])
  const hold = await a.hold(60)
  await trial.until("A is admitted before", async () => (await a.ask(40)) === "ran")
  await begin(redis)
  await trial.until("the refusal is told", async () => {
    const answer = await a.ask(40)
    trial.control(answer !== "ran", "a job was started")
    // A server that starts again gives no answer at first.
    const told = answer.startsWith("BudgetStoreError") && !answer.includes("no answer")
    if (told && !refusal.test(answer)) throw new Error(`told as ${answer}`)
    return refusal.test(answer)
  })
  await end(redis)
  await trial.until("A is admitted again", async () => (await a.ask(40)) === "ran")
  trial.control((await b.ask(41)) !== "ran", "B got more than A leaves")
  await hold.release()
  await trial.until("all is free", async () => (await b.ask(100)) === "ran")
}

const refusals: Readonly<Record<string, Refusal>> = {
  OOM: {
    told: /^BudgetStoreError Unavailable OOM /,
    begin: set("maxmemory", "1"),
    end: set("maxmemory", "0")
  },
  NOREPLICAS: {
    told: /^BudgetStoreError Unavailable NOREPLICAS /,
    begin: set("min-replicas-to-write", "1"),
    end: set("min-replicas-to-write", "0")
  },
  READONLY: {
    told: /^BudgetStoreError Unavailable (READONLY|MASTERDOWN) /,
    begin: (redis) => redis.cli("REPLICAOF", "127.0.0.1", "1"),
    end: (redis) => redis.cli("REPLICAOF", "NO", "ONE")
  }
}

for (const [code, refusal] of Object.entries(refusals)) {
  scenario(`Redis answers ${code} for a while`, async (trial) => {
    await play(trial, trial.use(await startRedis()), refusal)
  })
}

scenario("Redis answers LOADING while it starts", async (trial) => {
  const slow = ["--save", "3600", "1", "--key-load-delay", "5000", "--loading-process-events-interval-bytes", "1024"]
  const redis = trial.use(await startRedis({ args: ["--save", "3600", "1"] }))
  await redis.cli("EVAL", "for n = 1, 400 do redis.call('SET', 'filler:' .. n, string.rep('x', 100)) end", "0")
  let started: Promise<void> | undefined
  await play(trial, redis, {
    told: /^BudgetStoreError Unavailable LOADING /,
    begin: async () => {
      await redis.cli("SAVE")
      await redis.kill()
      started = redis.restart({ args: slow })
    },
    end: async () => started
  })
})

for (const command of ["script|load", "evalsha", "time", "info", "hset", "hdel"]) {
  scenario(`an ACL without ${command.toUpperCase()} says so`, async (trial) => {
    const redis = trial.use(await startRedis())
    await redis.cli("ACL", "SETUSER", "budget", "on", ">secret", "~*", "+@all")
    const named = command.replace("|", "[| ]")
    await play(trial, redis, {
      told: new RegExp(`^BudgetStoreError Denied NOPERM .*${named}`, "i"),
      begin: async () => {
        await redis.cli("ACL", "SETUSER", "budget", `-${command}`)
        if (command === "script|load") await redis.cli("SCRIPT", "FLUSH")
      },
      end: () => redis.cli("ACL", "SETUSER", "budget", `+${command}`)
    }, `redis://budget:secret@127.0.0.1:${redis.port}`)
  })
}

const silences: Readonly<Record<string, Refusal>> = {
  "is gone": {
    told: /^the Redis of the cache is unavailable: /,
    begin: (redis) => redis.kill(),
    end: (redis) => redis.restart()
  },
  "refuses GET": {
    told: /^the Redis of the cache is denied: .*'get'/,
    begin: (redis) => redis.cli("ACL", "SETUSER", "default", "-get"),
    end: (redis) => redis.cli("ACL", "SETUSER", "default", "+get")
  },
  "is full": {
    told: /^the Redis of the cache is unavailable: .*OOM/,
    begin: set("maxmemory", "1"),
    end: set("maxmemory", "0")
  }
}

for (const [what, { begin, end, told }] of Object.entries(silences)) {
  scenario(
    `a fleet cache whose Redis ${what} says that it goes on alone, and when it no longer does`,
    async (trial) => {
      const redis = trial.use(await startRedis())
      const logged: Array<string> = []
      const runtime = ManagedRuntime.make(
        BalanceCacheRedis.layer({ account: "a", timeToLive: "20 millis" }).pipe(
          Layer.provide([PolloCreditsTest.layer(100), NodeRedis.layer({ url: redis.url })]),
          Layer.provideMerge(Logger.layer([Logger.make(({ message }) => logged.push(String(message)))]))
        )
      )
      trial.defer(() => runtime.dispose())
      const says = (line: RegExp) => async () => {
        trial.control((await runtime.runPromise(BalanceCache.get)).balance.availableCredits === 100, "no reading")
        return logged.filter((message) => message.startsWith("the Redis of the cache")).some((message) =>
          line.test(message)
        )
      }
      await says(/./)()
      trial.control(logged.length === 0, "it said something while all was well")
      await begin(redis)
      await trial.until("it says what is wrong", says(told))
      await end(redis)
      await trial.until("it says that all is well", says(/^the Redis of the cache is reachable: /))
      const states = logged.flatMap((message) => /^the Redis of the cache is (\w+)/.exec(message)?.[1] ?? [])
      trial.control(
        states.every((state, index) => state !== states[index - 1]),
        `a change was told twice: ${states.join()}`
      )
    }
  )
}
