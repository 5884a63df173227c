/** One account of the exporter: when its balance is read, and what is known of it. */
import { PolloCredits, type PolloError } from "@effect-pollo/client"
import { BalanceCache } from "@effect-pollo/client/BalanceCache"
import type { BalanceForecast, BalanceWatch } from "@effect-pollo/client/BalanceWatch"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { forecastOf, withNewest } from "../values/observations.ts"

export type Outcome = "Success" | PolloError["_tag"]

/** Each count begins with zero, so that Prometheus sees its first increase. */
const none: Readonly<Record<Outcome, number>> = {
  Success: 0,
  PolloBadRequest: 0,
  PolloUnauthorized: 0,
  PolloForbidden: 0,
  PolloNotFound: 0,
  PolloRateLimited: 0,
  PolloServerError: 0,
  PolloApiError: 0,
  PolloTransportError: 0,
  PolloTimeout: 0,
  PolloInvalidResponse: 0
}

export interface Known {
  readonly account: string
  /** The newest reading, if there has been one. */
  readonly reading: BalanceWatch.Observation | undefined
  /** Whether the reading is past its time to live, or there is none. */
  readonly stale: boolean
  readonly forecast: BalanceForecast | undefined
  /** How many calls to the vendor ended with each outcome. */
  readonly outcomes: Readonly<Record<Outcome, number>>
}

export interface Account {
  /**
   * What is known, after a new reading if one is due. `look` waits for the reading no longer than `patience`; the call
   * to the vendor goes on, and a later `look` gets its result.
   */
  readonly look: (patience: Duration.Duration) => Effect.Effect<Known>
}

export interface Settings {
  readonly account: string
  readonly timeToLive: Duration.Duration
  /** Is called when the balance can no longer be read, and when it can be read again. */
  readonly onChange: (error: PolloError | undefined) => Effect.Effect<void>
}

export const make = Effect.fnUntraced(function*({ account, onChange, timeToLive }: Settings) {
  const scope = yield* Effect.scope
  const { getBalance } = yield* PolloCredits
  const outcomes = { ...none }
  const count = (outcome: Outcome) => Effect.sync(() => void outcomes[outcome]++)

  let refusal: { readonly error: PolloError; readonly at: bigint } | undefined
  const counted = getBalance.pipe(
    Effect.tap(() => count("Success")),
    Effect.tapError(({ _tag }) => count(_tag)),
    Effect.tapError((error) =>
      Effect.map(Clock.monotonicTimeNanos, (at) => (refusal = error.isTransient ? undefined : { error, at }))
    )
  )
  const cache = yield* BalanceCache.make({ timeToLive }).pipe(
    Effect.provideService(PolloCredits, PolloCredits.of({ getBalance: counted }))
  )

  let observations: ReadonlyArray<BalanceWatch.Observation> = []
  let forecast: BalanceForecast | undefined
  let failing: PolloError["_tag"] | undefined

  /**
   * The cache does not keep an error that somebody has to act upon, so this keeps it: not every scrape should send a
   * request.
   */
  const get = Effect.flatMap(
    Clock.monotonicTimeNanos,
    (now) =>
      refusal !== undefined && Duration.isLessThan(Duration.nanos(now - refusal.at), timeToLive)
        ? Effect.fail(refusal.error)
        : cache.get
  )

  const succeeded = Effect.fnUntraced(function*({ balance, observedAt }: BalanceCache.Reading) {
    const newest = observations.at(-1)
    if (newest === undefined || !DateTime.Equivalence(newest.at, observedAt)) {
      observations = withNewest(observations, { at: observedAt, balance })
      forecast = forecastOf(observations)
    }
    if (failing !== undefined) yield* onChange(undefined)
    failing = undefined
    return true
  })
  const failed = Effect.fnUntraced(function*(error: PolloError) {
    if (failing !== error._tag) yield* onChange(error)
    failing = error._tag
    return false
  })

  /**
   * One call at a time, however many scrapes look. Its result is whether there is now a reading within its time to
   * live.
   */
  let asking: Fiber.Fiber<boolean> | undefined
  const ask = get.pipe(
    Effect.matchEffect({ onSuccess: succeeded, onFailure: failed }),
    Effect.ensuring(Effect.sync(() => (asking = undefined)))
  )
  const answer = Effect.suspend(() =>
    asking === undefined
      ? Effect.tap(Effect.forkIn(ask, scope), (fiber) => Effect.sync(() => (asking = fiber)))
      : Effect.succeed(asking)
  )

  const look: Account["look"] = (patience) =>
    Effect.uninterruptible(answer).pipe(
      Effect.flatMap(Fiber.join),
      Effect.timeoutOrElse({ duration: patience, orElse: () => Effect.succeed(false) }),
      Effect.map((fresh) => ({
        account,
        reading: observations.at(-1),
        stale: !fresh,
        forecast,
        outcomes: { ...outcomes }
      }))
    )
  return { look } satisfies Account
})
