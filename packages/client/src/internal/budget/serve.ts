/**
 * Serves the line of a budget: one fiber takes the readings, one at a time, and decides on all who stood in line when
 * the request was sent, in the order in which they came.
 */
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import * as Metric from "effect/Metric"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import { BudgetStoreError } from "../../BudgetStoreError.ts"
import type { CreditBalance } from "../../CreditBalance.ts"
import type { PolloError } from "../../PolloError.ts"
import * as lines from "./line.ts"
import type { Refusal } from "../../CreditReservation.ts"
import * as outage from "../outage.ts"
import type { Mark } from "./tallies.ts"
import type { Settings } from "./settings.ts"
import type { Ticket } from "./state.ts"
import * as turns from "./turn.ts"
import type { BudgetStore } from "./store.ts"
import * as telemetry from "./telemetry.ts"
import { balanceUnits, type Units } from "./units.ts"

/**
 * How many shared readings there are for each poll of a fleet, so that a reading is never older than one and a half
 * polls.
 */
const readingsEachPoll = 2
/** Milliseconds between two looks while another machine reads the balance. */
const lookAgainAfter = 250

type Answer = Deferred.Deferred<void, Refusal>
type Asking = lines.Asking<Answer>

export interface Admitted extends Mark {
  /** The id of the hold. */
  readonly id: string
}

export interface Server {
  /**
   * Waits for an admission and returns the hold. It must run uninterruptibly, so that no hold is lost on its way to the
   * fiber that settles it. `restore` makes only the wait interruptible, and an interrupted wait leaves nothing behind.
   */
  readonly ask: (
    wish: lines.Wish,
    restore: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  ) => Effect.Effect<Admitted, Refusal>
  /** Ends the wait of the given reservations that have lost their places, as if their time was over. */
  readonly dismiss: (ids: ReadonlyArray<string>) => Effect.Effect<void>
  /** To be called when credits may have become free: the waiting reservations are decided on again. */
  readonly stir: Effect.Effect<void>
}

export const make = Effect.fnUntraced(function*(
  store: BudgetStore,
  getBalance: Effect.Effect<CreditBalance, PolloError>,
  settings: Settings,
  observed: telemetry.Telemetry
): Effect.fn.Return<Server, never, Scope.Scope> {
  const line = lines.empty<Answer>()
  const clock = yield* Clock.Clock
  const now = () => Number(clock.monotonicTimeNanosUnsafe()) / 1_000_000
  /** Opened when the line must be looked at. */
  const bell = Latch.makeUnsafe()
  /** Opened when no reservation needs the reading any more. */
  const abandoned = Latch.makeUnsafe()

  const forget = (ids: ReadonlyArray<string>) =>
    ids.length === 0
      ? Effect.void
      : Effect.ignore(store.release(ids), { log: "Warn", message: "a place in the line could not be given up" })

  const tell = ({ admitted, refused }: lines.Verdict<Answer>) => {
    for (const { answer } of admitted) Deferred.doneUnsafe(answer, Effect.void)
    for (const [{ answer }, refusal] of refused) Deferred.doneUnsafe(answer, Effect.fail(refusal))
  }

  const decide = Effect.fnUntraced(function*(
    ticket: Ticket,
    available: Units | undefined,
    batch: ReadonlyArray<Asking>
  ) {
    for (const asking of batch) asking.sent = true
    const asks = batch.map(({ cost, id, label, patience }) => ({ id, cost, label, wait: patience !== undefined }))
    const decided = yield* Effect.result(store.admit({ ticket, available, margin: settings.margin, asks }))
    if (Result.isFailure(decided)) {
      const verdict = lines.failed(line, batch, decided.failure)
      lines.forgetPlaces(line)
      tell(verdict)
      yield* Effect.forkChild(forget(verdict.left))
      return
    }
    const { byLabel, reserved } = decided.success
    yield* observed.reserved({ all: reserved, byLabel })
    const verdict = lines.decided(line, batch, decided.success, settings, now())
    tell(verdict)
    yield* forget(verdict.left)
  })

  /** Reads the balance, but not before the time at which a server has asked to come back. */
  const read: Effect.Effect<CreditBalance, PolloError> = Effect.suspend(() => {
    const known = line.outage
    const left = known === undefined ? 0 : known.until - now()
    if (known !== undefined && left > 0) return Effect.fail(outage.repeat(known.error, left))
    return Effect.tapError(getBalance, (error) =>
      Effect.sync(() => {
        const span = error.isTransient && "retryAfter" in error ? outage.asked(error, settings.maxBackoff) : 0
        line.outage = { error, until: now() + span }
      }))
  })

  const round = Effect.gen(function*() {
    const ticket = yield* Effect.result(store.begin)
    const batch = lines.begin(line)
    if (Result.isFailure(ticket)) return tell(lines.failed(line, batch, ticket.failure))
    line.ticket = ticket.success
    if (line.asking.size === 0) return
    abandoned.closeUnsafe()
    const reading = yield* Effect.raceFirst(Effect.result(read), abandoned.await)
    if (reading === undefined) return
    const asked = batch.filter(({ id }) => line.asking.has(id))
    if (Result.isSuccess(reading)) {
      return yield* decide(ticket.success, balanceUnits(reading.success.availableCredits), asked)
    }
    if (settings.onUnreadable === "fail") {
      const verdict = lines.failed(line, asked, reading.failure)
      tell(verdict)
      return yield* forget(verdict.left)
    }
    const unseen = lines.behind(line)
    yield* Effect.logWarning(
      `the balance could not be read (${reading.failure._tag}): ${unseen} reservation(s) admitted without it`
    )
    yield* Metric.update(telemetry.unseen, unseen)
    yield* decide(ticket.success, undefined, asked)
  })

  const failAll = (cause: Cause.Cause<never>) =>
    Effect.sync(() => {
      // A copy, because a reservation that fails may ask again at once and join the line: that new one must not fail
      // too.
      const told = [...line.asking.values()]
      for (const asking of told) {
        lines.leave(line, asking)
        Deferred.doneUnsafe(asking.answer, Effect.failCause(cause))
      }
    })

  /** A poll for a top-up. If another machine does it first, its reading decides. */
  const look = Effect.gen(function*() {
    const { ticket } = line
    if (ticket === undefined || line.fresh.size > 0) return yield* round
    const taken = store.takeTurn(ticket, lines.shortestPoll(line) / readingsEachPoll)
    const turn = yield* Effect.orElseSucceed(taken, () => turns.ask)
    if (turn._tag === "ask") return yield* round
    if (turn._tag === "later") {
      line.again = now() + lookAgainAfter
      return
    }
    lines.begin(line)
    line.ticket = turn.ticket
    yield* decide(turn.ticket, turn.available, [])
  })

  /**
   * Waits until a reservation comes or leaves or credits become free, and returns `round`; or until it is time to poll.
   */
  const rest = Effect.suspend(() => {
    const rung = Effect.as(bell.await, round)
    const millis = lines.untilLook(line, now())
    return Number.isFinite(millis) ? Effect.raceFirst(rung, Effect.as(Effect.sleep(millis), look)) : rung
  })

  const serve = Effect.gen(function*() {
    const next = yield* rest
    // Lets reservations that arrive in the same turn share the reading.
    yield* Effect.yieldNow
    bell.closeUnsafe()
    // A defect of a reading fails all reservations, because they would wait for ever otherwise.
    if (line.asking.size > 0) yield* Effect.catchCause(next, failAll)
  })
  const serving = yield* Effect.forkScoped(
    Effect.onExit(Effect.forever(serve), () => failAll(Cause.interrupt()))
  )

  /** Gives up a place in the line, or the hold that it has become in the meantime. Other reservations move up. */
  const withdraw = (asking: Asking) =>
    Effect.suspend(() => {
      lines.leave(line, asking)
      if (line.asking.size === 0) abandoned.openUnsafe()
      // A reservation that does not wait is given up when the decision on it arrives.
      const kept = asking.admitted !== undefined || (asking.sent && asking.patience !== undefined)
      return Effect.ensuring(kept ? forget([asking.id]) : Effect.void, Effect.sync(() => bell.openUnsafe()))
    })

  const ask: Server["ask"] = (wish, restore) =>
    Effect.suspend(() => {
      const { label, patience } = wish
      const end = patience === undefined ? Number.POSITIVE_INFINITY : now() + Duration.toMillis(patience.for)
      const once: Effect.Effect<Admitted, Refusal> = Effect.suspend(() => {
        if (serving.pollUnsafe() !== undefined) return Effect.interrupt
        const answer: Answer = Deferred.makeUnsafe()
        const asking = lines.join(line, store.nextId(), wish, answer)
        bell.openUnsafe()
        return restore(within(Deferred.await(answer), end - now())).pipe(
          Effect.onInterrupt(() => withdraw(asking)),
          Effect.flatMap(() => {
            const { admitted, id } = asking
            if (admitted?.isLate() === false) return Effect.succeed({ id, label, since: admitted.since })
            if (admitted !== undefined) {
              // With a new id, because the release of the old one may still be under way.
              return Effect.andThen(withdraw(asking), patience === undefined ? Effect.fail(late) : once)
            }
            const refusal = lines.inVain(line, asking, settings)
            return Effect.andThen(withdraw(asking), Effect.fail(refusal))
          })
        )
      })
      return once
    })

  const dismiss: Server["dismiss"] = (ids) =>
    Effect.sync(() => {
      for (const asking of ids.flatMap((id) => line.asking.get(id) ?? [])) {
        lines.leave(line, asking)
        tell({ admitted: [], refused: [[asking, lines.inVain(line, asking, settings)]], left: [] })
      }
      bell.openUnsafe()
    })

  return { ask, dismiss, stir: Effect.sync(() => bell.openUnsafe()) }
})

const within = <E>(answered: Effect.Effect<void, E>, millis: number): Effect.Effect<void, E> =>
  Number.isFinite(millis)
    ? Effect.timeoutOrElse(answered, { duration: Math.max(0, millis), orElse: () => Effect.void })
    : answered

const late = new BudgetStoreError({
  reason: "Unavailable",
  message: "the answer of the budget's store came too late for a job to start by it"
})
