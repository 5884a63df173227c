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
   * Whose reading is shared, and for how long it is used.
   *
   * @category models
   * @since 0.1.0
   */
  export interface Options {
    /**
     * The name of the account, which tells it from others on the same Redis: a name of your own, or the API key. It
     * must be the same on every machine. Redis sees only its SHA-256.
     */
    readonly account: string | Redacted.Redacted<string>
    /** How long a reading is fresh, on every machine. Longer than zero. */
    readonly timeToLive: Duration.Input
    /**
     * For how long after its time to live a machine still returns the last reading it saw, marked `stale`, when a new
     * one cannot be read.
     *
     * @default 0
     */
    readonly staleIfError?: Duration.Input | undefined
    /**
     * The longest `Retry-After` that a machine obeys. After this time it asks the vendor again, even if the vendor
     * asked for a longer wait.
     *
     * @default "5 minutes"
     */
    readonly maxBackoff?: Duration.Input | undefined
    /**
     * The beginning of the names of all keys in Redis, such as `"shop:"` for an ACL that allows only `shop:*`. It must
     * be the same on every machine. A `keyPrefix` of the Redis client has no effect.
     *
     * @default ""
     */
    readonly prefix?: string | undefined
  }
}

/** Long for a store that answers in a millisecond, short beside a call of the vendor. */
const redisTimeout = Duration.millis(500)
/**
 * After one command without an answer, commands fail at once for this time, so that not every caller waits for a silent
 * Redis.
 */
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
 * - A reading made by one machine is used by all of them until its time to live ends; then Redis removes it.
 *   `refresh` replaces the reading for all machines. `invalidate` forgets it for all, and also the reading of a request
 *   that is under way.
 * - The machines take turns: one sends the request to the vendor, and the others look into Redis every 50 ms. A
 *   machine that has waited for 5 seconds, or for the time to live if that is shorter, sends a request of its own. So
 *   the fleet sends one request for each time to live. It sends more only if the vendor fails or is slower than that,
 *   or if a machine dies during its request.
 * - Without Redis (no connection, or no answer within half a second) each machine goes on alone, as with
 *   `BalanceCache.layer`. An `invalidate` reaches the others once Redis is back; until then they may use their reading.
 * - `observedAt` is by the clock of the machine that sent the request.
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
   * A cache that shares its reading with all caches of the same `account` on this Redis, for as long as the scope is
   * open.
   *
   * **Details**
   *
   * Fails with `PolloConfigError`, which names the option, when an option is invalid.
   */
  readonly make: (
    options: BalanceCacheRedis.Options
  ) => Effect.Effect<BalanceCache["Service"], PolloConfigError, PolloCredits | Redis.Redis | Scope.Scope>
  /**
   * A cache that shares its reading with all caches of the same `account` on this Redis.
   *
   * **Details**
   *
   * Fails with `PolloConfigError`, which names the option, when an option is invalid.
   */
  readonly layer: (
    options: BalanceCacheRedis.Options
  ) => Layer.Layer<BalanceCache, PolloConfigError, PolloCredits | Redis.Redis>
} = { make, layer: (options) => Layer.effect(BalanceCache, make(options)) }
