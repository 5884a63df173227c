/** The watch: a poll, the events that follow from it, and the wait before the next poll. */
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Random from "effect/Random"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import * as events from "../../BalanceEvent.ts"
import type { CreditBalance } from "../../CreditBalance.ts"
import type { PolloConfigError } from "../../PolloConfigError.ts"
import type { PolloError } from "../../PolloError.ts"
import * as check from "../options.ts"

export interface Settings {
  /** Milliseconds. */
  readonly every: number
  readonly maxWait: number
  readonly jitter: number
  /** Absent when no mark is set. */
  readonly marks: { readonly lowAt: number; readonly recoverAt: number } | undefined
}

interface State {
  /** Milliseconds before the next poll. */
  readonly wait: number
  /** Available credits at the last reading. */
  readonly previous: number | undefined
  readonly low: boolean
  /** `since` is monotonic. */
  readonly outage: { readonly since: bigint; readonly failures: number } | undefined
  /** How many of the last polls in a row failed with an error that somebody has to act upon. */
  readonly final: number
}

/** After a first reading, the watch ends when this many such errors come in a row. */
const mostFinal = 3

const initial: State = { wait: 0, previous: undefined, low: false, outage: undefined, final: 0 }

const fields = check.options({
  every: check.positiveMillis,
  maxWait: check.optional(check.positiveMillis),
  jitter: check.withDefault(check.share, 0.1),
  lowAt: check.optional(check.balance),
  recoverAt: check.optional(check.balance)
})

export const validate = (options: unknown): Result.Result<Settings, PolloConfigError> =>
  Result.flatMap(fields(options), (given): Result.Result<Settings, PolloConfigError> => {
    const { every, jitter, lowAt, maxWait = 8 * every, recoverAt = lowAt } = given
    if (maxWait < every) return check.refuse("maxWait", "must not be shorter than `every`")
    if (recoverAt === undefined || lowAt === undefined) {
      return recoverAt === undefined
        ? Result.succeed({ every, maxWait, jitter, marks: undefined })
        : check.refuse("recoverAt", "needs `lowAt`, because only a low balance can recover")
    }
    if (recoverAt < lowAt) return check.refuse("recoverAt", "must not be below `lowAt`")
    return Result.succeed({ every, maxWait, jitter, marks: { lowAt, recoverAt } })
  })

export const poll = <R>(
  getBalance: Effect.Effect<CreditBalance, PolloError, R>,
  settings: Settings
): Stream.Stream<events.BalanceEvent, PolloError, R> =>
  Stream.paginate(
    initial,
    Effect.fnUntraced(function*(state: State) {
      if (state.wait > 0) yield* Effect.sleep(state.wait)
      const outcome = yield* Effect.result(getBalance)
      const at = yield* DateTime.now
      const nanos = yield* Clock.monotonicTimeNanos
      const shorter = 1 - settings.jitter * (yield* Random.next)
      if (Result.isSuccess(outcome)) {
        const [news, next] = read(state, outcome.success, at, nanos, settings)
        return [news, Option.some({ ...next, wait: settings.every * shorter })]
      }
      const error = outcome.failure
      const final = error.isTransient ? 0 : state.final + 1
      if (final > 0 && (state.previous === undefined || final === mostFinal)) return yield* error
      const outage = { since: state.outage?.since ?? nanos, failures: (state.outage?.failures ?? 0) + 1 }
      const backoff = Math.min(settings.every * 2 ** (outage.failures - 1), settings.maxWait) * shorter
      const wait = Math.max(backoff, Math.min(retryAfter(error), settings.maxWait))
      const news = state.outage === undefined ? [new events.Unreachable({ at, error })] : []
      return [news, Option.some({ ...state, outage, final, wait })]
    })
  )

const retryAfter = (error: PolloError): number =>
  "retryAfter" in error && error.retryAfter !== undefined ? Duration.toMillis(error.retryAfter) : 0

/** The events of a reading, and the next state. */
const read = (
  state: State,
  balance: CreditBalance,
  at: DateTime.Utc,
  nanos: bigint,
  { marks }: Settings
): readonly [ReadonlyArray<events.BalanceEvent>, State] => {
  const available = balance.availableCredits
  const news: Array<events.BalanceEvent> = []
  if (state.outage !== undefined) {
    news.push(new events.Reachable({ at, outage: Duration.nanos(nanos - state.outage.since) }))
  }
  news.push(new events.Observed({ at, balance }))
  const credits = state.previous === undefined ? 0 : gained(state.previous, available)
  if (credits > 0) news.push(new events.ToppedUp({ at, balance, credits }))
  const next = { wait: 0, previous: available, outage: undefined, final: 0 }
  if (marks === undefined) return [news, { ...next, low: false }]
  const { lowAt, recoverAt } = marks
  const low = available <= lowAt || (state.low && available < recoverAt)
  if (low && !state.low) news.push(new events.Low({ at, balance, lowAt }))
  if (!low && state.low) news.push(new events.Recovered({ at, balance, recoverAt }))
  return [news, { ...next, low }]
}

/** Subtraction leaves noise in the last digits (`0.3 - 0.1` is not 0.2); the vendor charges in hundredths. */
const gained = (before: number, after: number): number => {
  const difference = after - before
  const rounded = Math.round(difference * 1e6) / 1e6
  return Number.isFinite(rounded) ? rounded : Math.min(difference, Number.MAX_VALUE)
}
