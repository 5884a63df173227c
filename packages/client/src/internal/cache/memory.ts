/** One shared, fresh-enough reading in memory. */
import * as Cache from "effect/Cache"
import * as Clock from "effect/Clock"
import type * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type * as Scope from "effect/Scope"
import type { Fresh, Reading } from "../../BalanceReading.ts"
import type { CreditBalance } from "../../CreditBalance.ts"
import type { PolloError } from "../../PolloError.ts"
import * as moment from "./moment.ts"
import * as outages from "../outage.ts"

/** How long a reading is used, and how long a vendor that fails is left alone: the options after their check. */
export interface Settings {
  readonly timeToLive: Duration.Duration
  readonly staleIfError: Duration.Duration
  readonly maxBackoff: Duration.Duration
}

export interface Readings {
  readonly get: Effect.Effect<Reading, PolloError>
  readonly refresh: Effect.Effect<Fresh, PolloError>
  readonly invalidate: Effect.Effect<void>
}

/** The readings in memory, with what the cache on Redis needs in addition. */
export interface MemoryReadings extends Readings {
  /** Takes over a reading that was made elsewhere. */
  readonly remember: (reading: Fresh) => Effect.Effect<void>
  /** Runs a request to the vendor. While the vendor is left alone, fails with the error of the outage instead. */
  readonly unlessPaused: <A, E>(ask: Effect.Effect<A, E>) => Effect.Effect<A, E | PolloError>
  /** `get`, with `ask` as the way to a new reading. */
  readonly answer: (ask: Effect.Effect<Reading, PolloError>) => Effect.Effect<Reading, PolloError>
}

interface Stored {
  readonly reading: Fresh
  readonly generation: number
  readonly made: moment.Moment
}

/** A failure that passes by itself, and the milliseconds after it in which the vendor is left alone. */
interface Failed {
  readonly error: PolloError
  readonly at: moment.Moment
  readonly pause: number
}

/**
 * In an outage the last reading can be returned, so `get` waits no longer than this to learn whether the outage is
 * over.
 */
const patience = Duration.seconds(1)

/**
 * Requests are shared through a `Cache` that keeps nothing beyond the request itself: it counts the waiters, aborts a
 * request that has none left, and never hands an aborted one to a newcomer. `stored` holds the last success, and
 * `outage` the last failure that passes by itself.
 *
 * Every request belongs to a generation, which is its key in the `Cache`. `refresh` and `invalidate` begin a new
 * generation, so a later caller never gets the answer of a request that began before them.
 */
export const make = Effect.fnUntraced(function*(
  read: Effect.Effect<CreditBalance, PolloError>,
  settings: Settings
): Effect.fn.Return<MemoryReadings, never, Scope.Scope> {
  const timeToLive = Duration.toMillis(settings.timeToLive)
  const staleIfError = Duration.toMillis(settings.staleIfError)
  const maxBackoff = Duration.toMillis(settings.maxBackoff)
  const scope = yield* Effect.scope
  const context = yield* Effect.context<never>()
  let generation = 0
  let oldestValid = 0
  let stored: Stored | undefined
  let outage: Failed | undefined

  const storedWithin = (limit: number, clock: Clock.Clock): Stored | undefined =>
    stored !== undefined && moment.elapsedMillis(stored.made, clock) < limit ? stored : undefined

  const request = (own: number): Effect.Effect<Fresh, PolloError> =>
    Clock.clockWith((clock) =>
      inContext(context, read).pipe(
        Effect.map((balance) => {
          const reading: Fresh = {
            balance,
            observedAt: DateTime.makeUnsafe(clock.currentTimeMillisUnsafe()),
            stale: false
          }
          if (own >= oldestValid && (stored === undefined || own >= stored.generation)) {
            stored = { reading, generation: own, made: moment.now(clock) }
          }
          outage = undefined
          return reading
        }),
        Effect.tapError((error) =>
          Effect.sync(() => {
            // The success of a request that began later says more about the vendor than this failure.
            if (stored !== undefined && own < stored.generation) return
            const asked = "retryAfter" in error ? outages.asked(error, maxBackoff) : 0
            const pause = Math.max(timeToLive, asked)
            outage = error.isTransient ? { error, at: moment.now(clock), pause } : undefined
          })
        )
      )
    )

  const requests = yield* Cache.makeWith(
    (own: number) =>
      Clock.clockWith((clock) => {
        // A request of this generation may have ended between the look at `stored` and this point.
        const fresh = storedWithin(timeToLive, clock)
        return fresh?.generation === own ? Effect.succeed(fresh.reading) : request(own)
      }),
    { capacity: Number.POSITIVE_INFINITY, timeToLive: () => Duration.zero }
  )

  const unlessPaused = <A, E>(ask: Effect.Effect<A, E>): Effect.Effect<A, E | PolloError> =>
    Clock.clockWith((clock): Effect.Effect<A, E | PolloError> => {
      if (outage === undefined) return ask
      const left = outage.pause - moment.elapsedMillis(outage.at, clock)
      return left <= 0 ? ask : Effect.fail(outages.repeat(outage.error, left))
    })

  /** The last reading in place of an error that passes by itself, if it may still be returned. */
  const inPlaceOf = (error: PolloError, clock: Clock.Clock): Reading | undefined => {
    // A refresh may have succeeded while an older request was failing.
    const fresh = storedWithin(timeToLive, clock)
    if (fresh !== undefined) return fresh.reading
    const old = error.isTransient ? storedWithin(timeToLive + staleIfError, clock) : undefined
    return old === undefined ? undefined : { ...old.reading, stale: true, error }
  }

  const orStored = (error: PolloError): Effect.Effect<Reading, PolloError> =>
    Clock.clockWith((clock) => {
      const reading = inPlaceOf(error, clock)
      return reading === undefined ? Effect.fail(error) : Effect.succeed(reading)
    })

  const answer = (ask: Effect.Effect<Reading, PolloError>): Effect.Effect<Reading, PolloError> =>
    Clock.clockWith((clock) => {
      const stale = outage === undefined ? undefined : inPlaceOf(outage.error, clock)
      if (stale === undefined) return ask.pipe(Effect.catch(orStored))
      return Effect.forkIn(ask, scope, { startImmediately: true }).pipe(
        Effect.flatMap(Fiber.join),
        Effect.catch(orStored),
        Effect.timeoutOrElse({ duration: patience, orElse: () => Effect.succeed(stale) })
      )
    })

  const newest = unlessPaused(Effect.suspend(() => Cache.get(requests, generation)))

  return {
    get: Clock.clockWith((clock) => {
      const fresh = storedWithin(timeToLive, clock)
      return fresh === undefined ? answer(newest) : Effect.succeed(fresh.reading)
    }),
    refresh: Effect.suspend(() => Cache.get(requests, ++generation)),
    invalidate: Effect.sync(() => {
      oldestValid = ++generation
      stored = undefined
    }),
    remember: (reading) =>
      Clock.clockWith((clock) => {
        if (stored === undefined || !isSame(stored.reading, reading)) {
          const age = Math.max(0, clock.currentTimeMillisUnsafe() - DateTime.toEpochMillis(reading.observedAt))
          const { nanos, wall } = moment.now(clock)
          const made = { wall: wall - age, nanos: nanos - BigInt(Math.ceil(age)) * 1_000_000n }
          stored = { reading, generation, made }
        }
        outage = undefined
        return Effect.void
      }),
    unlessPaused,
    answer
  }
})

const isSame = (a: Fresh, b: Fresh): boolean =>
  DateTime.toEpochMillis(a.observedAt) === DateTime.toEpochMillis(b.observedAt) &&
  a.balance.availableCredits === b.balance.availableCredits

/**
 * Runs an effect with the services and the policy that the layer was built with, and without the override and the span
 * of the caller that happens to send the shared request. Interruption goes through.
 */
const inContext = <A, E>(context: Context.Context<never>, effect: Effect.Effect<A, E>): Effect.Effect<A, E> =>
  Effect.callback((resume) => {
    const fiber = Effect.runForkWith(context)(effect)
    fiber.addObserver(resume)
    return Fiber.interrupt(fiber)
  })
