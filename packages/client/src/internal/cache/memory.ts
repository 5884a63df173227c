/** One shared, fresh-enough reading in memory. */
import * as Cache from "effect/Cache"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type { Fresh, Reading } from "../../BalanceReading.ts"
import type { CreditBalance } from "../../CreditBalance.ts"
import type { PolloError } from "../../PolloError.ts"

/** How long a reading serves, checked. */
export interface Settings {
  readonly timeToLive: Duration.Duration
  readonly staleIfError: Duration.Duration
}

export interface Readings {
  readonly get: Effect.Effect<Reading, PolloError>
  readonly refresh: Effect.Effect<Fresh, PolloError>
  readonly invalidate: Effect.Effect<void>
}

/** What other stores are built on. */
export interface MemoryReadings extends Readings {
  /** Takes over a reading that was made elsewhere, unless the one in store is newer. */
  readonly remember: (reading: Fresh) => Effect.Effect<void>
  /** What `get` answers to an error. */
  readonly orStored: (error: PolloError) => Effect.Effect<Reading, PolloError>
}

interface Stored {
  readonly reading: Fresh
  readonly generation: number
  /** Monotonic, so that setting the machine's clock makes no reading younger or older. */
  readonly nanos: bigint
}

/**
 * Requests are shared through a `Cache` that keeps nothing beyond the request itself: it counts the waiters, aborts a
 * request that has none left, and never hands an aborted one to a newcomer. What is kept after a success is `stored`.
 *
 * Every request belongs to a generation, which is its key. `refresh` and `invalidate` begin a new generation, and so
 * nobody who comes later is answered by a request that began earlier.
 */
export const make = Effect.fnUntraced(function*(
  read: Effect.Effect<CreditBalance, PolloError>,
  settings: Settings
): Effect.fn.Return<MemoryReadings> {
  const timeToLive = Duration.toMillis(settings.timeToLive)
  const staleIfError = Duration.toMillis(settings.staleIfError)
  let generation = 0
  let oldestValid = 0
  let stored: Stored | undefined

  const storedWithin = (limit: number, clock: Clock.Clock): Stored | undefined =>
    stored !== undefined && Number(clock.monotonicTimeNanosUnsafe() - stored.nanos) / 1e6 < limit ? stored : undefined

  const request = (own: number): Effect.Effect<Fresh, PolloError> =>
    Effect.flatMap(read, (balance) =>
      Clock.clockWith((clock) => {
        const observedAt = DateTime.makeUnsafe(clock.currentTimeMillisUnsafe())
        const reading: Fresh = { balance, observedAt, stale: false }
        if (own >= oldestValid && (stored === undefined || own >= stored.generation)) {
          stored = { reading, generation: own, nanos: clock.monotonicTimeNanosUnsafe() }
        }
        return Effect.succeed(reading)
      }))

  const requests = yield* Cache.makeWith(
    (own: number) =>
      Clock.clockWith((clock) => {
        // A request of this generation may have ended between the look at `stored` and this point.
        const fresh = storedWithin(timeToLive, clock)
        return fresh?.generation === own ? Effect.succeed(fresh.reading) : request(own)
      }),
    { capacity: Number.POSITIVE_INFINITY, timeToLive: () => Duration.zero }
  )

  const freshOrNew = Clock.clockWith((clock) => {
    const fresh = storedWithin(timeToLive, clock)
    return fresh === undefined ? Cache.get(requests, generation) : Effect.succeed(fresh.reading)
  })

  const orStored = (error: PolloError): Effect.Effect<Reading, PolloError> =>
    Clock.clockWith((clock): Effect.Effect<Reading, PolloError> => {
      // A refresh may have succeeded while this older request was failing.
      const fresh = storedWithin(timeToLive, clock)
      if (fresh !== undefined) return Effect.succeed(fresh.reading)
      const old = error.isTransient ? storedWithin(timeToLive + staleIfError, clock) : undefined
      if (old === undefined) return Effect.fail(error)
      return Effect.succeed({ ...old.reading, stale: true, error })
    })

  return {
    get: freshOrNew.pipe(Effect.catch(orStored)),
    refresh: Effect.suspend(() => Cache.get(requests, ++generation)),
    invalidate: Effect.sync(() => {
      oldestValid = ++generation
      stored = undefined
    }),
    remember: (reading) =>
      Clock.clockWith((clock) => {
        if (stored === undefined || DateTime.isGreaterThan(reading.observedAt, stored.reading.observedAt)) {
          const age = Math.max(0, clock.currentTimeMillisUnsafe() - DateTime.toEpochMillis(reading.observedAt))
          stored = {
            reading,
            generation,
            nanos: clock.monotonicTimeNanosUnsafe() - BigInt(Math.ceil(age)) * 1_000_000n
          }
        }
        return Effect.void
      }),
    orStored
  }
})
