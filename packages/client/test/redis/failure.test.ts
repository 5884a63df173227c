import { CreditBudget } from "@effect-pollo/client/CreditBudget"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Logger, Metric, Schema } from "effect"
import { Redis } from "effect/persistence"
import { BudgetStoreError } from "../../src/BudgetStoreError.ts"
import { classify, storeError } from "../../src/internal/redis/failure.ts"
import * as health from "../../src/internal/redis/health.ts"
import * as keys from "../../src/internal/redis/keys.ts"

const failure = (text: string, lua?: string) => classify(new Redis.RedisError({ cause: new Error(text) }), lua)

const passing = [
  "READONLY You can't write against a read only replica. script: d655, on @user_script:2.",
  "OOM command not allowed when used memory > 'maxmemory'. script: d655, on @user_script:2.",
  "NOREPLICAS Not enough good replicas to write.",
  "LOADING Redis is loading the dataset in memory",
  "CLUSTERDOWN Hash slot not served",
  "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
  "TRYAGAIN Multiple keys request during rehashing of slot",
  "BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.",
  "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk.",
  "ERR max number of clients reached"
]
const standing = [
  "NOPERM this user has no permissions to run the 'script|load' command",
  "NOPERM User default has no permissions to run the 'time' command script: d655, on @user_script:2.",
  "NOPERM this user has no permissions to access one of the keys used as arguments",
  "MOVED 3999 127.0.0.1:6381",
  "CROSSSLOT Keys in request don't hash to the same slot",
  "NOAUTH Authentication required.",
  "WRONGPASS invalid username-password pair or user is disabled.",
  "WRONGTYPE Operation against a key holding the wrong kind of value",
  "ERR unknown command 'EVALSHA', with args beginning with: ",
  "ERR Unknown Redis command called from script script: d655, on @user_script:2."
]
const lost = [
  "Socket closed unexpectedly",
  "connect ECONNREFUSED 127.0.0.1:6379",
  "getaddrinfo ENOTFOUND redis",
  "The client is closed",
  "no answer in time",
  ""
]

describe("a failure of Redis", () => {
  it.each(passing)("passes by itself: %s", (text) => {
    assert.deepInclude(failure(text), { reason: "Unavailable", code: String(text.split(" ")[0]) })
  })

  it.each(standing)("needs somebody to act: %s", (text) => {
    assert.deepInclude(failure(text), { reason: "Denied", code: String(text.split(" ")[0]) })
  })

  it.each(lost)("is no answer, and has no code: %s", (text) => {
    assert.strictEqual(failure(text).reason, "Unavailable")
    assert.notProperty(failure(text), "code")
  })

  it("names the command that an ACL refuses inside a script, by its line where Redis does not", () => {
    const lua = `\nlocal time = redis.call("TIME")\nredis.call("HDEL", KEYS[1], "x")`
    const refusal =
      "ERR The user executing the script can't run this command or subcommand script: 6c59, on @user_script:"
    assert.deepInclude(failure(`${refusal}2.`, lua), { reason: "Denied", code: "NOPERM" })
    assert.include(failure(`${refusal}2.`, lua).message, "TIME")
    assert.include(failure(`${refusal}3.`, lua).message, "HDEL")
    assert.deepInclude(failure(`${refusal}9.`, lua), { reason: "Denied", code: "NOPERM" })
  })

  it("finds what was refused in the wrapping of Redis 6", () => {
    const wrapped = "ERR Error running script (call to f_6c59): @user_script:12: @user_script: 12: "
    assert.deepInclude(failure(`${wrapped}-OOM command not allowed when used memory > 'maxmemory'.`), {
      reason: "Unavailable",
      code: "OOM"
    })
  })

  it.effect("reaches the caller as an error that encodes and decodes", () =>
    Effect.gen(function*() {
      const codec = Schema.toCodecJson(BudgetStoreError)
      for (const text of [...passing, ...standing, ...lost]) {
        const error = storeError(failure(text))
        const decoded = yield* Schema.decodeEffect(codec)(yield* Schema.encodeEffect(codec)(error))
        assert.deepEqual({ ...decoded }, { ...error })
        assert.strictEqual(error.isTransient, error.reason !== "Denied")
        assert.strictEqual(error.isRetryable, error.isTransient)
      }
    }))

  it("is of the class that the budget's module hands on", async () => {
    const entry = await import("@effect-pollo/client/CreditBudget")
    assert.strictEqual(entry.BudgetStoreError, BudgetStoreError)
    assert.isDefined(CreditBudget)
  })
})

describe("the health of a Redis", () => {
  const fresh = Effect.provideServiceEffect(Metric.MetricRegistry, Effect.sync(() => new Map()))

  /** What is logged while `steps` run, and the metrics after. */
  const watched = <E>(steps: (it: health.Health) => Effect.Effect<void, E>) =>
    Effect.gen(function*() {
      const logged: Array<string> = []
      const logger = Logger.make(({ logLevel, message }) => logged.push(`${logLevel} ${String(message)}`))
      yield* steps(health.make("budget")).pipe(Effect.provide(Logger.layer([logger])))
      const gauge = yield* Metric.value(Metric.withAttributes(health.reachable, { use: "budget" }))
      return { gauge: gauge.value, states: logged.map((line) => / is (\w+):/.exec(line)?.[1]), logged }
    }).pipe(fresh)

  it.effect("is told once for each change", () =>
    Effect.gen(function*() {
      const { gauge, logged, states } = yield* watched(({ answered, failed }) =>
        Effect.gen(function*() {
          yield* answered("GET", undefined)
          yield* failed("GET", failure("Socket closed unexpectedly"))
          yield* failed("SET", failure("connect ECONNREFUSED 127.0.0.1:6379"))
          yield* answered("GET", undefined)
          yield* answered("begin", true)
          yield* answered("renew", undefined)
          yield* answered("begin", true)
          yield* answered("begin", false)
        })
      )
      assert.deepEqual(states, ["unavailable", "reachable", "recovering", "reachable"])
      assert.isTrue(logged.every((line) => line.startsWith("Warn ")))
      assert.strictEqual(gauge, 1)
    }))

  it.effect("stays denied while other commands are answered", () =>
    Effect.gen(function*() {
      const { gauge, logged, states } = yield* watched(({ answered, failed }) =>
        Effect.gen(function*() {
          for (let round = 0; round < 3; round++) {
            yield* failed("HDEL", failure("NOPERM this user has no permissions to run the 'hdel' command"))
            yield* answered("GET", undefined)
          }
        })
      )
      assert.deepEqual(states, ["denied"])
      assert.include(logged[0], "hdel")
      assert.strictEqual(gauge, 0)
    }))
})

describe("a prefix", () => {
  it.each(["", "shop:", "team-a/pollo:"])("may be %j", (prefix) => {
    assert.deepInclude(keys.prefix("prefix", prefix), { success: prefix })
  })
  it.each(["a b", "{a}", "a\n", 5, null])("is refused by name: %j", (prefix) => {
    const checked = keys.prefix("prefix", prefix)
    assert.strictEqual(checked._tag === "Failure" && checked.failure.field, "prefix")
  })
})
