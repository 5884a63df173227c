import { type BalanceEvent, BalanceWatch } from "@effect-pollo/client/BalanceWatch"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { forecastOf, withNewest } from "../values/observations.ts"
import { Misuse } from "../values/problems.ts"
import { type Session, session, type SessionFlags } from "../api/session.ts"
import * as alerting from "./alerts.ts"
import type { Reading } from "./lines.ts"
import * as screens from "./screen.ts"

export interface WatchFlags extends SessionFlags, alerting.AlertFlags {
  readonly every: Duration.Duration
  readonly low: Option.Option<number>
  readonly recover: Option.Option<number>
  readonly json: boolean
}

export const run = (flags: WatchFlags) => session(flags, (run) => Effect.scoped(watch(flags, run)))

const watch = Effect.fnUntraced(function*(flags: WatchFlags, { detail, showWaitsOn }: Session) {
  const settings = yield* check(flags)
  const screen = yield* screens.make(flags.json)
  if (screen.instead !== undefined) yield* showWaitsOn(screen.instead)
  const alerts = yield* alerting.make(flags, screen.notice)

  yield* BalanceWatch.stream(settings).pipe(
    Stream.mapAccum((): ReadonlyArray<BalanceWatch.Observation> => [], remember),
    Stream.runForEach(({ event, reading }) =>
      Effect.gen(function*() {
        if (event._tag === "Low") yield* alerts.send(event)
        yield* screen.show(event, reading)
        const line = event._tag === "Observed" || event._tag === "Unreachable" ? yield* detail : undefined
        if (line !== undefined) yield* screen.notice(line)
      })
    ),
    // A watch that ends with an error still delivers its alerts. Ctrl-C stops them.
    Effect.tapError(() => alerts.settled)
  )
})

interface Shown {
  readonly event: BalanceEvent
  /** For an `Observed`, what is known after that reading. */
  readonly reading: Reading | undefined
}

const remember = (
  seen: ReadonlyArray<BalanceWatch.Observation>,
  event: BalanceEvent
): readonly [ReadonlyArray<BalanceWatch.Observation>, ReadonlyArray<Shown>] => {
  if (event._tag !== "Observed") return [seen, [{ event, reading: undefined }]]
  const observations = withNewest(seen, event)
  return [observations, [{ event, reading: readingOf(event, observations) }]]
}

const check = Effect.fnUntraced(function*({ every, exec, low, recover, webhook }: WatchFlags) {
  const lowAt = Option.getOrUndefined(low)
  const recoverAt = Option.getOrUndefined(recover)
  if (lowAt === undefined) {
    if (Option.isSome(exec) || Option.isSome(webhook) || recoverAt !== undefined) {
      return yield* new Misuse({ problem: "--exec, --webhook and --recover need --low: they are about a low balance" })
    }
    // No balance falls this low, so a watch without `--low` never emits `Low`.
    return { every, lowAt: -Number.MAX_VALUE }
  }
  if (recoverAt !== undefined && recoverAt < lowAt) {
    return yield* new Misuse({ problem: "--recover must not be lower than --low" })
  }
  return { every, lowAt, recoverAt }
})

const readingOf = (
  { at, balance }: BalanceWatch.Observation,
  observations: ReadonlyArray<BalanceWatch.Observation>
): Reading => ({
  at,
  available: balance.availableCredits,
  total: balance.totalCredits,
  recent: observations.map((observation) => observation.balance.availableCredits),
  forecast: forecastOf(observations)
})
