/**
 * One reading for all machines on the same Redis.
 *
 * Three entries for each account, named after the hash of its name:
 *
 * - the reading, under the generation it belongs to, with the time to live as its expiry;
 * - the generation: `invalidate` and `refresh` replace it, and no reading of an older generation is used again, even
 *   if it arrives later;
 * - the lease of the machine that asks the vendor, at most as long as the time to live. After a success the lease is
 *   left to expire, so that no other machine can take it just before the reading is stored.
 *
 * What a `get` of one machine returns:
 *
 * ```
 * Redis is silent ───────────────────▶ the reading of this machine's own cache
 * a reading under the generation ────▶ that one
 * a server that is left alone ───────▶ the stale reading, or the error of the failure
 * the lease is free ──▶ ask ─┬ success ▶ the reading, stored for all; the lease expires by itself
 *                            └ failure ▶ the error; the lease is given back, so the next machine asks
 * the lease is taken ──▶ look every 50 ms ─┬ the reading, once it is stored
 *                                          └ 5 s or the time to live are over ▶ ask as well
 * ```
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Persistable from "effect/persistence/Persistable"
import * as PersistedCache from "effect/persistence/PersistedCache"
import * as Persistence from "effect/persistence/Persistence"
import * as Redis from "effect/persistence/Redis"
import * as Random from "effect/Random"
import * as Schema from "effect/Schema"
import { CreditBalance } from "../../CreditBalance.ts"
import { PolloError } from "../../PolloError.ts"
import type { Fresh } from "../../BalanceReading.ts"
import type { MemoryReadings, Readings } from "./memory.ts"

class Key extends Persistable.Class<{ payload: { readonly account: string; readonly generation: string } }>()(
  "BalanceReading",
  {
    primaryKey: ({ account, generation }) => `${account}:${generation}`,
    success: Schema.Struct({ balance: CreditBalance, observedAt: Schema.DateTimeUtc }),
    error: PolloError
  }
) {}

const storeId = "pollo-balance"
const firstGeneration = "0"
const longestLease = Duration.seconds(5)
const lookAgainAfter = Duration.millis(50)

/** `local` sends the requests to the vendor, and is the only cache while Redis cannot be used. */
export const make = Effect.fnUntraced(function*(
  local: MemoryReadings,
  { account, timeToLive }: { readonly account: string; readonly timeToLive: Duration.Duration }
) {
  const redis = yield* Redis.Redis
  const replaceIfUnchanged = redis.eval(replaceIfUnchangedScript)
  const removeIfOurs = redis.eval(removeIfOursScript)
  const lease = Duration.min(longestLease, timeToLive)
  const generationKey = `${storeId}:${account}:generation`
  const keyOf = (generation: string) => new Key({ account, generation })
  const stored = {
    storeId,
    timeToLive: (exit: Exit.Exit<unknown, unknown>) => Exit.isSuccess(exit) ? timeToLive : Duration.zero
  }
  const store = yield* (yield* Persistence.Persistence).make(stored)
  /** The generation that `local` belongs to. */
  let known: string | undefined
  /** Whether Redis may have missed an `invalidate`. */
  let owed = false

  /** Waits for the reading of another machine, or returns nothing when it is this machine's turn to ask. */
  const waitForTurn = Effect.fnUntraced(function*(key: Key, leaseKey: string, token: string) {
    const started = yield* Clock.monotonicTimeNanos
    const millis = String(Math.ceil(Duration.toMillis(lease)))
    for (;;) {
      const claimed = yield* redis.send<"OK" | null>("SET", leaseKey, token, "NX", "PX", millis)
      if (claimed !== null) return undefined
      yield* Effect.sleep(lookAgainAfter)
      const exit = yield* store.get(key)
      if (exit !== undefined) return exit
      const waited = Duration.nanos((yield* Clock.monotonicTimeNanos) - started)
      if (Duration.isGreaterThanOrEqualTo(waited, lease)) return undefined
    }
  })

  const takeTurn = Effect.fnUntraced(function*(key: Key) {
    const leaseKey = `${storeId}:${account}:${key.generation}:lease`
    const token = String(yield* Random.nextInt)
    const exit = yield* waitForTurn(key, leaseKey, token).pipe(Effect.orElseSucceed(() => undefined))
    if (exit !== undefined) return yield* exit
    return yield* local.refresh.pipe(Effect.onError(() => Effect.ignore(removeIfOurs(leaseKey, token))))
  })

  // The reading is not kept in memory: within the time to live, only Redis knows whether it was invalidated.
  const ask = (key: Key) => local.unlessPaused(takeTurn(key))
  const cache = yield* PersistedCache.make(ask, { ...stored, inMemoryTTL: () => Duration.zero })

  const settleDebt = Effect.suspend(() =>
    owed
      ? Effect.flatMap(Random.nextInt, (next) => redis.send("SET", generationKey, String(next))).pipe(
        Effect.map(() => {
          owed = false
        })
      )
      : Effect.void
  )

  const currentGeneration = Effect.andThen(
    settleDebt,
    Effect.map(redis.send<string | null>("GET", generationKey), (generation) => generation ?? firstGeneration)
  )

  const get = Effect.gen(function*() {
    const generation = yield* currentGeneration
    if (generation !== known) {
      yield* local.invalidate
      known = generation
    }
    const { balance, observedAt } = yield* cache.get(keyOf(generation))
    const reading: Fresh = { balance, observedAt, stale: false }
    if (generation === known) yield* local.remember(reading)
    return reading
  })

  const publish = Effect.fnUntraced(function*(reading: Fresh, before: string) {
    const next = String(yield* Random.nextInt)
    yield* store.set(keyOf(next), Exit.succeed(reading))
    if ((yield* replaceIfUnchanged(generationKey, before, next)) === 1) known = next
  })

  const readings: Readings = {
    get: local.answer(
      Effect.catchTag(get, ["RedisError", "PersistenceError", "SchemaError"], () => local.get)
    ),
    refresh: Effect.gen(function*() {
      const before = yield* currentGeneration.pipe(Effect.orElseSucceed(() => undefined))
      const reading = yield* local.refresh
      if (before !== undefined) yield* Effect.ignore(publish(reading, before))
      return reading
    }),
    invalidate: Effect.gen(function*() {
      yield* local.invalidate
      known = undefined
      owed = true
      yield* Effect.ignore(settleDebt)
    })
  }
  return readings
})

/** Stores a reading only if its generation is still the current one. */
const replaceIfUnchangedScript = Redis.script(
  (generationKey: string, before: string, next: string) => [generationKey, before, next, firstGeneration],
  {
    numberOfKeys: 1,
    lua: `
if (redis.call("GET", KEYS[1]) or ARGV[3]) ~= ARGV[1] then return 0 end
redis.call("SET", KEYS[1], ARGV[2])
return 1
`
  }
).withReturnType<0 | 1>()

/** Removes the lease only if this machine still holds it: after its expiry another machine may have taken it. */
const removeIfOursScript = Redis.script((leaseKey: string, token: string) => [leaseKey, token], {
  numberOfKeys: 1,
  lua: `
if redis.call("GET", KEYS[1]) == ARGV[1] then redis.call("DEL", KEYS[1]) end
`
})
