/**
 * One shared, fresh-enough reading of the balance for a whole program.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import type * as reading from "./BalanceReading.ts"
import * as readings from "./internal/cache/memory.ts"
import * as check from "./internal/options.ts"
import type { PolloConfigError } from "./PolloConfigError.ts"
import { PolloCredits } from "./PolloCredits.ts"
import type { PolloError } from "./PolloError.ts"

/**
 * @since 0.1.0
 */
export declare namespace BalanceCache {
  /**
   * What the service offers.
   *
   * @category models
   * @since 0.1.0
   */
  export interface Service {
    /** The reading in store while it is fresh, else a new one. */
    readonly get: Effect.Effect<BalanceCache.Reading, PolloError>
    /** A reading that was asked for after this call. */
    readonly refresh: Effect.Effect<BalanceCache.Fresh, PolloError>
    /** Forgets the reading in store. */
    readonly invalidate: Effect.Effect<void>
  }

  /**
   * How long a reading serves: `timeToLive`, and `staleIfError` beyond it.
   *
   * @category models
   * @since 0.1.0
   */
  export interface Options {
    /**
     * How long a reading is given out, from the moment its response was complete. With zero nothing is kept, and only
     * callers at the same moment share a request.
     */
    readonly timeToLive: Duration.Input
    /**
     * For how long after its time to live a reading is still given out, marked `stale`, when a new one cannot be had.
     *
     * @default 0, the error is the answer
     */
    readonly staleIfError?: Duration.Input | undefined
    /**
     * The longest time for which a vendor that asked for patience (`Retry-After`) is not asked again.
     *
     * @default "5 minutes"
     */
    readonly maxBackoff?: Duration.Input | undefined
  }

  /**
   * A reading within its time to live: `balance`, `observedAt`, `stale: false`.
   *
   * @category models
   * @since 0.1.0
   */
  export type Fresh = reading.Fresh

  /**
   * The last reading, past its time to live, with `stale: true` and the `error` that keeps a new one away.
   *
   * @category models
   * @since 0.1.0
   */
  export type Stale = reading.Stale

  /**
   * What `get` gives. A function that asks for `Fresh` cannot be called before `stale` was looked at.
   *
   * @category models
   * @since 0.1.0
   */
  export type Reading = reading.Reading
}

/**
 * One shared reading of the balance.
 *
 * **Details**
 *
 * - `get` gives the reading in store while it is fresh. Otherwise it asks, and everybody who comes meanwhile shares
 *   that request. Interrupting one who waits leaves the others alone; interrupting the last one aborts the request.
 * - `refresh` always sends a request of its own, since one under way may have been answered before the call. Later
 *   callers of `get` share it. When it fails, the reading in store stays.
 * - `invalidate` forgets the reading, also as a stale one. A request under way still answers those who wait for it; it
 *   is not kept and nobody new joins it.
 *
 * **When the vendor fails.** After an error that can pass by itself (`isTransient`) the vendor is left alone for the
 * longer of `timeToLive` and the server's `Retry-After`, of which no more counts than `maxBackoff`. Until then `get`
 * sends no request. It gives the last reading with `stale: true` and the error in it, where `staleIfError` allows that.
 * Otherwise it fails with the same error, with `attempts: 0` and, where the error has a `retryAfter`, the time that is
 * left. The first `get` after that asks again; when there is a reading to give out, it waits for no more than a second
 * and leaves the request to the next caller. `refresh` always asks, and `invalidate` does not change when to ask again.
 * An error that needs somebody to act, such as a revoked key, is always reported and never kept.
 *
 * A reading is fresh only when the monotonic clock and the wall clock both say so: a machine that was suspended asks
 * again. A request belongs to all who wait for it, so it runs with the policy and the services that the layer was built
 * with. A caller's `RequestPolicy.override` and tracing span do not reach it.
 *
 * **Gotchas**
 *
 * Do not decide from a cached reading whether a job can be paid for: others may have spent since. That is what
 * `CreditBudget` is for.
 *
 * **Example** (One request for a thousand readers)
 *
 * ```ts
 * import { PolloCredits } from "@effect-pollo/client"
 * import { BalanceCache } from "@effect-pollo/client/BalanceCache"
 * import { Effect, Layer } from "effect"
 * import { FetchHttpClient } from "effect/http"
 *
 * const banner = Effect.gen(function*() {
 *   const reading = yield* BalanceCache.get
 *   const { availableCredits } = reading.balance
 *   return reading.stale
 *     ? `${availableCredits} credits (not confirmed: ${reading.error.message})`
 *     : `${availableCredits} credits`
 * })
 *
 * const CacheLive = BalanceCache.layer({ timeToLive: "30 seconds", staleIfError: "10 minutes" }).pipe(
 *   Layer.provide(PolloCredits.layerConfig()),
 *   Layer.provide(FetchHttpClient.layer)
 * )
 *
 * export const main = Effect.all(Array.from({ length: 1000 }, () => banner), { concurrency: "unbounded" }).pipe(
 *   Effect.provide(CacheLive)
 * )
 * ```
 *
 * @category services
 * @since 0.1.0
 */
export class BalanceCache
  extends Context.Service<BalanceCache, BalanceCache.Service>()("@effect-pollo/client/BalanceCache")
{
  /**
   * A cache in memory over the `PolloCredits` in the context.
   *
   * **Details**
   *
   * Fails with `PolloConfigError`, which names the option, when an option is invalid.
   */
  static readonly make = (
    options: BalanceCache.Options
  ): Effect.Effect<BalanceCache["Service"], PolloConfigError, PolloCredits | Scope.Scope> =>
    Effect.gen(function*() {
      const settings = yield* Effect.fromResult(checked(options))
      const { getBalance } = yield* PolloCredits
      const { get, invalidate, refresh } = yield* readings.make(getBalance, settings)
      return { get, refresh, invalidate }
    })

  /**
   * A cache in memory over the `PolloCredits` in the context.
   *
   * **Details**
   *
   * Fails with `PolloConfigError`, which names the option, when an option is invalid.
   */
  static readonly layer = (
    options: BalanceCache.Options
  ): Layer.Layer<BalanceCache, PolloConfigError, PolloCredits> => Layer.effect(BalanceCache, BalanceCache.make(options))

  /** The reading in store while it is fresh, else a new one. */
  static readonly get: Effect.Effect<BalanceCache.Reading, PolloError, BalanceCache> = BalanceCache.use((cache) =>
    cache.get
  )

  /** A reading that was asked for after this call. */
  static readonly refresh: Effect.Effect<BalanceCache.Fresh, PolloError, BalanceCache> = BalanceCache.use((cache) =>
    cache.refresh
  )

  /** Forgets the reading in store. */
  static readonly invalidate: Effect.Effect<void, never, BalanceCache> = BalanceCache.use((cache) => cache.invalidate)
}

const checked = check.options({
  timeToLive: check.duration,
  staleIfError: check.withDefault(check.duration, Duration.zero),
  maxBackoff: check.withDefault(check.duration, Duration.minutes(5))
})
