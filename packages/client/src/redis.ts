/**
 * The `Redis` of `effect/persistence` over the Sentinel and Cluster clients of the package `redis`. `NodeRedis.layer`
 * of `@effect/platform-node` connects to one address.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redis from "effect/persistence/Redis"
import { createCluster, createSentinel, type RedisClusterOptions, type RedisSentinelOptions } from "redis"

const attempt = <A>(run: () => Promise<A>): Effect.Effect<A, Redis.RedisError> =>
  Effect.tryPromise({ try: run, catch: (cause) => new Redis.RedisError({ cause }) })

interface Client {
  readonly connect: () => Promise<unknown>
  readonly destroy: () => unknown
  readonly on: (event: "error", listener: (cause: unknown) => void) => unknown
}

/**
 * Connects, and closes the client with the scope. Closing does not wait for answers: a silent Redis sends none, and by
 * then no caller is left to get them.
 */
const connected = Effect.fnUntraced(function*<A extends Client>(name: string, make: () => A) {
  const client = yield* Effect.acquireRelease(
    Effect.sync(make),
    // In the background, because the Sentinel client first finishes a search for its master.
    (client) => Effect.asVoid(Effect.forkDetach(Effect.ignore(attempt(async () => client.destroy()))))
  )
  const run = Effect.runForkWith(yield* Effect.context<never>())
  // An `error` event without a listener would end the process.
  client.on("error", (cause) => run(Effect.logWarning(`an error event of the ${name} client of Redis`, cause)))
  yield* attempt(() => client.connect())
  return client
})

/** Neither the budget nor the cache subscribes or blocks. */
const unsupported = (what: string) =>
  Effect.fail(new Redis.RedisError({ cause: new Error(`${what} is not supported by this layer`) }))

/**
 * A `Redis` behind Sentinel: after a failover commands go to the new master.
 *
 * **Details**
 *
 * The options are those of `createSentinel`. The layer fails with `RedisError` when no sentinel knows the master, and
 * when it ends it does not wait for answers. `subscribe` and `reserve` fail.
 *
 * Only this module loads the package `redis`, version 5 or 6, which the program must install.
 *
 * **Example** (A budget behind three sentinels)
 *
 * ```ts
 * import { PolloCredits } from "@effect-pollo/client"
 * import { CreditBudgetRedis } from "@effect-pollo/client/CreditBudgetRedis"
 * import { layerSentinel } from "@effect-pollo/client/redis"
 * import { Layer } from "effect"
 * import { FetchHttpClient } from "effect/http"
 *
 * const RedisLive = layerSentinel({
 *   name: "mymaster",
 *   sentinelRootNodes: ["sentinel-1", "sentinel-2", "sentinel-3"].map((host) => ({ host, port: 26379 }))
 * })
 *
 * export const BudgetLive = CreditBudgetRedis.layer({ account: "production" }).pipe(
 *   Layer.provide(PolloCredits.layerConfig()),
 *   Layer.provide([FetchHttpClient.layer, RedisLive])
 * )
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layerSentinel = (options: RedisSentinelOptions): Layer.Layer<Redis.Redis, Redis.RedisError> =>
  Layer.effect(
    Redis.Redis,
    Effect.gen(function*() {
      const client = yield* connected("Sentinel", () => createSentinel(options))
      return yield* Redis.make({
        send: <A>(command: string, ...args: ReadonlyArray<string>) =>
          attempt(() => client.sendCommand<A>(false, [command, ...args])),
        connect: unsupported("reserve"),
        subscribe: () => unsupported("subscribe")
      })
    })
  )

/**
 * A `Redis` that is a Cluster: each command goes to the master that has its key.
 *
 * **Details**
 *
 * The options are those of `createCluster`. All keys of an account carry one hash tag, so its scripts and commands go
 * to one master; scripts are loaded on each. The layer fails with `RedisError` when it reaches no node, and when it
 * ends it does not wait for answers. `subscribe` and `reserve` fail.
 *
 * Only this module loads the package `redis`, version 5 or 6, which the program must install.
 *
 * **Example** (A fleet's cache on a cluster)
 *
 * ```ts
 * import { PolloCredits } from "@effect-pollo/client"
 * import { BalanceCacheRedis } from "@effect-pollo/client/BalanceCacheRedis"
 * import { layerCluster } from "@effect-pollo/client/redis"
 * import { Layer } from "effect"
 * import { FetchHttpClient } from "effect/http"
 *
 * const RedisLive = layerCluster({ rootNodes: [{ url: "redis://node-1:6379" }, { url: "redis://node-2:6379" }] })
 *
 * export const CacheLive = BalanceCacheRedis.layer({ account: "production", timeToLive: "1 minute" }).pipe(
 *   Layer.provide(PolloCredits.layerConfig()),
 *   Layer.provide([FetchHttpClient.layer, RedisLive])
 * )
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layerCluster = (options: RedisClusterOptions): Layer.Layer<Redis.Redis, Redis.RedisError> =>
  Layer.effect(
    Redis.Redis,
    Effect.gen(function*() {
      const client = yield* connected("Cluster", () => createCluster(options))
      /** Loads a script on every master, because a server knows only the scripts that were loaded on it. */
      const everywhere = async (command: ReadonlyArray<string>) => {
        const nodes = await Promise.all(client.masters.map((master) => client.nodeClient(master)))
        const [reply] = await Promise.all(nodes.map((node) => node.sendCommand([...command])))
        return reply
      }
      return yield* Redis.make({
        send: <A>(command: string, ...args: ReadonlyArray<string>) =>
          attempt(async () => {
            const whole = [command, ...args]
            const reply = command === "SCRIPT"
              ? await everywhere(whole)
              : await client.sendCommand(keyOf(command, args), false, whole)
            // As in every `send` of a Redis: the caller knows what its command answers.
            return reply as A
          }),
        connect: unsupported("reserve"),
        subscribe: () => unsupported("subscribe")
      })
    })
  )

/** The first key of a command. A command without a key may go to any node. */
const keyOf = (command: string, args: ReadonlyArray<string>): string | undefined => {
  if (!/^(EVAL|EVALSHA|FCALL)(_RO)?$/i.test(command)) return args[0]
  return Number(args[1]) > 0 ? args[2] : undefined
}
