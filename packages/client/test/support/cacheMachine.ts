/** A machine of a fleet that shares a cache. */
import { BalanceCache } from "@effect-pollo/client/BalanceCache"
import { BalanceCacheRedis } from "@effect-pollo/client/BalanceCacheRedis"
import { Effect, Layer } from "effect"
import { Redis } from "effect/persistence"

export const minute = { account: "production", timeToLive: "1 minute", staleIfError: "10 minutes" } as const
export const credits = (cache: BalanceCache["Service"]) =>
  Effect.map(cache.get, (reading) => reading.balance.availableCredits)
export const refreshed = (cache: BalanceCache["Service"]) =>
  Effect.map(cache.refresh, (reading) => reading.balance.availableCredits)

/** The cache of a machine of its own, on a Redis client of its own. */
export const machineOn = <E, R>(redis: Layer.Layer<Redis.Redis, E, R>, options: BalanceCacheRedis.Options = minute) =>
  Effect.flatMap(
    Layer.build(BalanceCacheRedis.layer(options).pipe(Layer.provide(redis))),
    (context) => Effect.provide(BalanceCache, context)
  )

/** A Redis that answers nothing, as a client without a connection does. */
export const silentRedis = (onCommand = () => {}) =>
  Layer.effect(
    Redis.Redis,
    Redis.make({
      send: () => Effect.suspend(() => (onCommand(), Effect.never)),
      connect: Effect.never,
      subscribe: () => Effect.never
    })
  )
