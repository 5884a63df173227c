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
    /** The stored reading while it is fresh, otherwise a new one. */
    readonly get: Effect.Effect<BalanceCache.Reading, PolloError>
    /** A new reading, requested after this call. */
    readonly refresh: Effect.Effect<BalanceCache.Fresh, PolloError>
    /** Forgets the stored reading. */
    readonly invalidate: Effect.Effect<void>
  }

  /**
   * For how long a reading is used: `timeToLive`, and `staleIfError` after that.
   *
   * @category models
   * @since 0.1.0
   */
  export interface Options {
    /**
     * How long a reading is fresh, counted from when its response was complete. With zero no reading is kept, and only
     * callers that wait at the same time share a request.
     */
    readonly timeToLive: Duration.Input
    /**
     * For how long after its time to live a reading is still returned, marked `stale`, when a new one cannot be read.
     *
     * @default 0, so `get` fails with the error
     */
    readonly staleIfError?: Duration.Input | undefined
    /**
     * The longest `Retry-After` that is obeyed. After this time the vendor is asked again, even if it asked for a
     * longer wait.
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
   * The last reading, past its time to live, with `stale: true` and the `error` because of which there is no new one.
   *
   * @category models
   * @since 0.1.0
   */
  export type Stale = reading.Stale

  /**
   * What `get` returns. A function that takes a `Fresh` reading compiles only after a check of `stale`.
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
 * - `get` returns the stored reading while it is fresh. Otherwise it sends a request, and all callers that come
 *   meanwhile share that request. Interrupting one waiting caller does not affect the others; interrupting the last one
 *   aborts the request.
 * - `refresh` always sends a request of its own, because one under way may have been answered before the call. Later
 *   callers of `get` share the new request. If it fails, the stored reading stays.
 * - `invalidate` forgets the stored reading, which is then not returned as a stale one either. A request under way
 *   still answers the callers that wait for it, but its reading is not kept and no new caller joins it.
 *
 * **When the vendor fails.** After an error that can pass by itself (`isTransient`), `get` sends no request for a
 * pause: `timeToLive`, or the server's `Retry-After` (at most `maxBackoff`) if that is longer. During the pause `get`
 * returns the last reading with `stale: true` and the error in it, if `staleIfError` allows that. Otherwise it fails
 * with the same error, with `attempts: 0` and, if the error has a `retryAfter`, the time that is left. The first `get`
 * after the pause sends a request again; if there is a stale reading to return, that `get` waits at most a second and
 * leaves the request to the next caller. `refresh` always sends a request, and `invalidate` does not end the pause. An
 * error that needs somebody to act, such as a revoked key, is always reported and never kept.
 *
 * A reading is fresh only if the monotonic clock and the wall clock both say so: a machine that was suspended reads
 * again. A request is shared by all callers that wait for it, so it runs with the policy and the services that the
 * layer was built with. A caller's `RequestPolicy.override` and tracing span do not reach the request.
 *
 * **Gotchas**
 *
 * Do not decide from a cached reading whether there are enough credits for a job: others may have spent some since. Use
 * `CreditBudget` for that.
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

  /** The stored reading while it is fresh, otherwise a new one. */
  static readonly get: Effect.Effect<BalanceCache.Reading, PolloError, BalanceCache> = BalanceCache.use((cache) =>
    cache.get
  )

  /** A new reading, requested after this call. */
  static readonly refresh: Effect.Effect<BalanceCache.Fresh, PolloError, BalanceCache> = BalanceCache.use((cache) =>
    cache.refresh
  )

  /** Forgets the stored reading. */
  static readonly invalidate: Effect.Effect<void, never, BalanceCache> = BalanceCache.use((cache) => cache.invalidate)
}

const checked = check.options({
  timeToLive: check.duration,
  staleIfError: check.withDefault(check.duration, Duration.zero),
  maxBackoff: check.withDefault(check.duration, Duration.minutes(5))
})
