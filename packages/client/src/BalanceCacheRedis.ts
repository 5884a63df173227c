/**
 * One reading of the balance for many machines, on the `Redis` of `effect/persistence`.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Persistence from "effect/persistence/Persistence"
import * as Redis from "effect/persistence/Redis"
import type * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import { BalanceCache } from "./BalanceCache.ts"
import { account, accountId } from "./internal/redis/accountId.ts"
import * as fleetReadings from "./internal/cache/redis.ts"
import * as readings from "./internal/cache/memory.ts"
import * as check from "./internal/options.ts"
import * as connection from "./internal/redis/connection.ts"
import * as keys from "./internal/redis/keys.ts"
import type { PolloConfigError } from "./PolloConfigError.ts"
import { PolloCredits } from "./PolloCredits.ts"

/**
 * @since 0.1.0
 */
export declare namespace BalanceCacheRedis {
  /**
   * Whose reading is shared, and how long it serves.
   *
   * @category models
   * @since 0.1.0
   */
  export interface Options {
    /**
     * What tells this account from others on the same Redis: a name of your own, or the API key. The same on every
     * machine. Redis sees only its SHA-256.
     */
    readonly account: string | Redacted.Redacted<string>
    /** How long a reading is given out, on every machine. Longer than zero. */
    readonly timeToLive: Duration.Input
    /**
     * For how long after its time to live a machine still gives out the last reading it saw, marked `stale`, when a new
     * one cannot be had.
     *
     * @default 0
     */
    readonly staleIfError?: Duration.Input | undefined
    /**
     * The longest time for which a machine does not ask a vendor again that asked for patience (`Retry-After`).
     *
     * @default "5 minutes"
     */
    readonly maxBackoff?: Duration.Input | undefined
    /**
     * What the names of all keys begin with, say `"shop:"` where an ACL opens `shop:*` alone. The same on every
     * machine. A `keyPrefix` of the Redis client has no effect.
     *
     * @default ""
     */
    readonly prefix?: string | undefined
  }
}

/** Long for a store that answers in a millisecond, short beside a call of the vendor. */
const redisTimeout = Duration.millis(500)
/** Callers should wait for a silent Redis now and then, not always. */
const pause = Duration.seconds(1)

const fields = check.options({
  account,
  timeToLive: check.positiveDuration,
  staleIfError: check.withDefault(check.duration, Duration.zero),
  maxBackoff: check.withDefault(check.duration, Duration.minutes(5)),
  prefix: check.withDefault(keys.prefix, "")
})

const make = (
  options: BalanceCacheRedis.Options
): Effect.Effect<BalanceCache["Service"], PolloConfigError, PolloCredits | Redis.Redis | Scope.Scope> =>
  Effect.gen(function*() {
    const { account, maxBackoff, prefix, staleIfError, timeToLive } = yield* Effect.fromResult(fields(options))
    const { getBalance } = yield* PolloCredits
    const local = yield* readings.make(getBalance, { timeToLive, staleIfError, maxBackoff })
    const redis = Layer.effect(
      Redis.Redis,
      Effect.map(
        connection.make({ use: "cache", limit: redisTimeout, pause }),
        (connection) => keys.prefixed(connection, prefix)
      )
    )
    const context = yield* Layer.build(Layer.provideMerge(Persistence.layerRedis, redis))
    return yield* Effect.provideContext(
      fleetReadings.make(local, { account: `{${yield* accountId(account)}}`, timeToLive }),
      context
    )
  })

/**
 * The `BalanceCache` of a fleet.
 *
 * **Details**
 *
 * `layer` provides the same service as `BalanceCache.layer`, with these differences:
 *
 * - A reading made by one machine serves all of them until its time to live ends; Redis removes it then. `refresh`
 *   replaces it for all, and `invalidate` forgets it for all, with whatever is being read at the moment.
 * - The machines take turns: one asks the vendor, the others look into Redis every 50 ms. A machine that has waited for
 *   5 seconds, or for the time to live when that is shorter, asks for itself. So the fleet sends one request for each
 *   time to live, and more only when the vendor fails, is slower than that, or a machine dies while it asks.
 * - Without Redis (no connection, or no answer within half a second) each machine goes on alone, as with
 *   `BalanceCache.layer`. An `invalidate` reaches the others once Redis is back; until then they may use their reading.
 * - `observedAt` is by the clock of the machine that asked.
 *
 * Redis holds balances and hashes of account names, never a key.
 *
 * **Example** (A hundred machines, one request a minute)
 *
 * ```ts
 * import { PolloCredits } from "@effect-pollo/client"
 * import { BalanceCache } from "@effect-pollo/client/BalanceCache"
 * import { BalanceCacheRedis } from "@effect-pollo/client/BalanceCacheRedis"
 * import { NodeRedis } from "@effect/platform-node"
 * import { Effect, Layer } from "effect"
 * import { FetchHttpClient } from "effect/http"
 *
 * const CacheLive = BalanceCacheRedis.layer({ account: "production", timeToLive: "1 minute" }).pipe(
 *   Layer.provide(PolloCredits.layerConfig()),
 *   Layer.provide([FetchHttpClient.layer, NodeRedis.layer({ url: "redis://127.0.0.1:6379" })])
 * )
 *
 * export const main = BalanceCache.get.pipe(Effect.provide(CacheLive))
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const BalanceCacheRedis: {
  /**
   * A cache that shares its reading with every other one of the same `account` on this Redis, for as long as the scope
   * is open.
   *
   * **Details**
   *
   * Fails with `PolloConfigError`, which names the option, when an option is invalid.
   */
  readonly make: (
    options: BalanceCacheRedis.Options
  ) => Effect.Effect<BalanceCache["Service"], PolloConfigError, PolloCredits | Redis.Redis | Scope.Scope>
  /**
   * A cache that shares its reading with every other one of the same `account` on this Redis.
   *
   * **Details**
   *
   * Fails with `PolloConfigError`, which names the option, when an option is invalid.
   */
  readonly layer: (
    options: BalanceCacheRedis.Options
  ) => Layer.Layer<BalanceCache, PolloConfigError, PolloCredits | Redis.Redis>
} = { make, layer: (options) => Layer.effect(BalanceCache, make(options)) }
