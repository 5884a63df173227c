/** The watch: a poll, what it means, and the wait before the next one. */
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
import { PolloConfigError } from "../../PolloConfigError.ts"
import type { PolloError } from "../../PolloError.ts"
import { duration } from "../call/policy.ts"

export interface Options {
  /**
   * The time from one reading to the next, the end of one to the start of the other.
   */
  readonly every: Duration.Input
  /** At this many available credits, and below, the balance is low. */
  readonly lowAt: number
  /**
   * A low balance has recovered when it is above `lowAt` and at least this. Put it well above `lowAt` when refunds or
   * small purchases make the balance dance around it.
   *
   * @default lowAt
   */
  readonly recoverAt?: number | undefined
  /**
   * The share of each wait, from 0 to below 1, by up to which it is shortened at random, so that machines that started
   * together do not stay in step. A reading is never later than `every` asks for.
   *
   * @default 0.1
   */
  readonly jitter?: number | undefined
  /**
   * The longest wait while the balance cannot be read. The first wait of an outage is `every`, and each one after it
   * twice as long; a `Retry-After` of the server lengthens it.
   *
   * @default eight times `every`
   */
  readonly maxWait?: Duration.Input | undefined
}

interface Settings {
  /** Milliseconds. */
  readonly every: number
  readonly maxWait: number
  readonly jitter: number
  readonly lowAt: number
  readonly recoverAt: number
}

interface State {
  /** Milliseconds before the next poll. */
  readonly wait: number
  /** Available credits at the last reading. */
  readonly previous: number | undefined
  readonly low: boolean
  /** `since` is monotonic. */
  readonly outage: { readonly since: bigint; readonly failures: number } | undefined
}

const initial: State = { wait: 0, previous: undefined, low: false, outage: undefined }

export const check = (options: Options): Result.Result<Settings, PolloConfigError> =>
  Result.gen(function*() {
    const every = yield* milliseconds("every", options.every)
    const maxWait = options.maxWait === undefined ? 8 * every : yield* milliseconds("maxWait", options.maxWait)
    if (maxWait < every) return yield* refuse("maxWait", "must not be shorter than `every`")
    const jitter = options.jitter ?? 0.1
    if (!(jitter >= 0 && jitter < 1)) return yield* refuse("jitter", "must be a number from 0 to below 1")
    const lowAt = options.lowAt
    if (!Number.isFinite(lowAt)) return yield* refuse("lowAt", "must be a finite number of credits")
    const recoverAt = options.recoverAt ?? lowAt
    if (!(Number.isFinite(recoverAt) && recoverAt >= lowAt)) {
      return yield* refuse("recoverAt", "must be a finite number of credits, not below `lowAt`")
    }
    return { every, maxWait, jitter, lowAt, recoverAt }
  })

const refuse = (field: string, problem: string) => Result.fail(new PolloConfigError({ field, problem }))

const milliseconds = (field: string, input: Duration.Input): Result.Result<number, PolloConfigError> =>
  Result.flatMap(duration(field, input, "positive"), (decoded) =>
    Duration.isFinite(decoded)
      ? Result.succeed(Duration.toMillis(decoded))
      : refuse(field, "must be finite"))

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
      if (!error.isTransient) return yield* error
      const outage = { since: state.outage?.since ?? nanos, failures: (state.outage?.failures ?? 0) + 1 }
      const backoff = Math.min(settings.every * 2 ** (outage.failures - 1), settings.maxWait) * shorter
      const wait = Math.max(backoff, Math.min(retryAfter(error), settings.maxWait))
      const news = state.outage === undefined ? [new events.Unreachable({ at, error })] : []
      return [news, Option.some({ ...state, outage, wait })]
    })
  )

const retryAfter = (error: PolloError): number =>
  "retryAfter" in error && error.retryAfter !== undefined ? Duration.toMillis(error.retryAfter) : 0

/** What a reading tells, and what to remember of it. */
const read = (
  state: State,
  balance: CreditBalance,
  at: DateTime.Utc,
  nanos: bigint,
  { lowAt, recoverAt }: Settings
): readonly [ReadonlyArray<events.BalanceEvent>, State] => {
  const available = balance.availableCredits
  const news: Array<events.BalanceEvent> = []
  if (state.outage !== undefined) {
    news.push(new events.Reachable({ at, outage: Duration.nanos(nanos - state.outage.since) }))
  }
  news.push(new events.Observed({ at, balance }))
  const credits = state.previous === undefined ? 0 : gained(state.previous, available)
  if (credits > 0) news.push(new events.ToppedUp({ at, balance, credits }))
  const low = available <= lowAt || (state.low && available < recoverAt)
  if (low && !state.low) news.push(new events.Low({ at, balance, lowAt }))
  if (!low && state.low) news.push(new events.Recovered({ at, balance, recoverAt }))
  return [news, { wait: 0, previous: available, low, outage: undefined }]
}

/** Subtraction leaves noise in the last digits (`0.3 - 0.1` is not 0.2); the vendor charges in hundredths. */
const gained = (before: number, after: number): number => {
  const difference = after - before
  const rounded = Math.round(difference * 1e6) / 1e6
  return Number.isFinite(rounded) ? rounded : Math.min(difference, Number.MAX_VALUE)
}
