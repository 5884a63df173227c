/**
 * The line of those who ask one budget for credits. One fiber takes the readings, one at a time, and decides on all
 * who stood in line when the request was sent, in the order in which they came.
 */
import * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import * as Metric from "effect/Metric"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import type { CreditBalance } from "../../CreditBalance.ts"
import { InsufficientCredits } from "../../InsufficientCredits.ts"
import { type PolloError, PolloTimeout } from "../../PolloError.ts"
import type { Patience, Settings } from "./settings.ts"
import { balanceUnits, costUnits, toCredits } from "./state.ts"
import type { BudgetStore, Ticket } from "./store.ts"
import * as telemetry from "./telemetry.ts"

type Refusal = InsufficientCredits | PolloError

interface Asking {
  readonly cost: number
  readonly patience: Patience | undefined
  readonly answer: Deferred.Deferred<void, Refusal>
  /** Given with the first reading; the store knows the ask by it. */
  id: string
  status: "asking" | "admitted" | "withdrawn"
  /** Why the credits have not come yet. */
  refusal: Refusal | undefined
}

export interface Line {
  /**
   * Waits for an admission and yields the id of the hold. To be run where nothing interrupts, so that no hold is lost
   * on its way to whoever settles it; the wait itself is made interruptible by `restore` and leaves nothing behind.
   */
  readonly ask: (
    cost: number,
    patience: Patience | undefined,
    restore: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  ) => Effect.Effect<string, Refusal>
  /** Credits may have come free: those who wait are decided on anew. */
  readonly stir: Effect.Effect<void>
}

export const make = Effect.fnUntraced(function*(
  store: BudgetStore,
  getBalance: Effect.Effect<CreditBalance, PolloError>,
  settings: Settings
): Effect.fn.Return<Line, never, Scope.Scope> {
  const line = new Set<Asking>()
  const wake = Latch.makeUnsafe()
  const abandoned = Latch.makeUnsafe()
  let stirred = false
  let closed = false

  const stir = () => {
    stirred = line.size > 0
    wake.openUnsafe()
  }

  const leave = (asking: Asking, status: "admitted" | "withdrawn") => {
    asking.status = status
    line.delete(asking)
  }

  const forget = (asked: ReadonlyArray<Asking>) => {
    const ids = asked.flatMap(({ id }) => id === "" ? [] : [id])
    return ids.length === 0
      ? Effect.void
      : Effect.ignore(store.release(ids), { log: "Warn", message: "a place in the line could not be given up" })
  }

  /** Gives up a place in the line, or the hold that came of it in the meantime. Others move up. */
  const withdraw = (asking: Asking) =>
    Effect.suspend(() => {
      const known = asking.status === "admitted" || asking.patience !== undefined
      leave(asking, "withdrawn")
      if (line.size === 0) abandoned.openUnsafe()
      return Effect.ensuring(known ? forget([asking]) : Effect.void, Effect.sync(stir))
    })

  /** Whoever waits is told only what no waiting can cure. */
  const refuse = (asking: Asking, refusal: Refusal): Effect.Effect<unknown> => {
    asking.refusal = refusal
    const stays = asking.patience !== undefined && (refusal._tag === "InsufficientCredits" || refusal.isTransient)
    if (stays) return Effect.void
    leave(asking, "withdrawn")
    return Deferred.fail(asking.answer, refusal)
  }

  const refuseAll = (asked: ReadonlyArray<Asking>, refusal: Refusal) =>
    Effect.forEach(asked, (asking) => refuse(asking, refusal), { discard: true })

  const decide = Effect.fnUntraced(function*(ticket: Ticket, available: number | undefined, batch: Array<Asking>) {
    batch.forEach((asking, index) => {
      if (asking.id === "") asking.id = `${ticket.epoch}.${ticket.seq}.${index}`
    })
    const decided = yield* Effect.result(store.admit({
      ticket,
      available,
      margin: settings.margin,
      asks: batch.map(({ cost, id, patience }) => ({ id, cost: costUnits(cost), wait: patience !== undefined }))
    }))
    if (Result.isFailure(decided)) {
      // Whether the store admitted any is unknown. Who stays asks again by the same id; the others' holds must go.
      yield* refuseAll(batch.filter(asks), decided.failure)
      yield* Effect.forkChild(forget(batch.filter((asking) => !asks(asking))))
      return
    }
    const { available: weighed, reserved, short } = decided.success
    yield* Metric.update(telemetry.reserved, toCredits(reserved))
    const left = batch.filter((asking) => !asks(asking))
    for (const [index, asking] of batch.entries()) {
      if (!asks(asking)) continue
      const taken = short[index]
      if (taken === undefined || weighed === undefined) {
        leave(asking, "admitted")
        yield* Deferred.succeed(asking.answer, undefined)
      } else {
        yield* refuse(
          asking,
          new InsufficientCredits({
            required: asking.cost,
            available: toCredits(weighed),
            reserved: toCredits(taken),
            safetyMargin: settings.safetyMargin
          })
        )
      }
    }
    // Whoever left while the store decided may have got a hold or a place after all.
    yield* forget(left)
  })

  const round = Effect.gen(function*() {
    const ticket = yield* Effect.result(store.begin)
    const asked = [...line]
    if (Result.isFailure(ticket)) return yield* refuseAll(asked, ticket.failure)
    if (asked.length === 0) return
    abandoned.closeUnsafe()
    const reading = yield* Effect.raceFirst(Effect.result(getBalance), abandoned.await)
    const batch = asked.filter(asks)
    if (reading === undefined || batch.length === 0) return
    if (Result.isSuccess(reading)) {
      return yield* decide(ticket.success, balanceUnits(reading.success.availableCredits), batch)
    }
    if (settings.onUnreadable === "fail") return yield* refuseAll(batch, reading.failure)
    yield* Effect.logWarning(
      `the balance could not be read (${reading.failure._tag}): ${batch.length} reservation(s) admitted without it`
    )
    yield* Metric.update(telemetry.unseen, batch.length)
    yield* decide(ticket.success, undefined, batch)
  })

  /** Until somebody comes or leaves, credits come free, or it is time to look for a top-up. */
  const rest = Effect.suspend(() => {
    if (stirred) return Effect.void
    wake.closeUnsafe()
    const poll = [...line].flatMap(({ patience }) => patience === undefined ? [] : [patience.pollEvery])
    return poll.length === 0
      ? wake.await
      : Effect.raceFirst(wake.await, Effect.map(Effect.sleep(poll.reduce(Duration.min)), stir))
  })

  const failAll = (cause: Cause.Cause<never>) =>
    Effect.forEach([...line], (asking) => {
      leave(asking, "withdrawn")
      return Deferred.failCause(asking.answer, cause)
    }, { discard: true })

  const serve = Effect.gen(function*() {
    yield* rest
    if (!stirred) return
    // Whoever asks in the same turn shares the reading.
    yield* Effect.yieldNow
    stirred = false
    // A defect of a reading is everybody's, or they would wait forever.
    yield* Effect.catchCause(round, failAll)
  })

  yield* Effect.addFinalizer(() => {
    closed = true
    return failAll(Cause.interrupt())
  })
  yield* Effect.forkScoped(Effect.forever(serve))

  const ask: Line["ask"] = (cost, patience, restore) =>
    Effect.suspend(() => {
      if (closed) return Effect.interrupt
      const asking: Asking = {
        cost,
        patience,
        answer: Deferred.makeUnsafe(),
        id: "",
        status: "asking",
        refusal: undefined
      }
      line.add(asking)
      stir()
      const answered = Deferred.await(asking.answer)
      return restore(patience === undefined ? answered : untilLate(answered, patience)).pipe(
        Effect.onError(() => withdraw(asking)),
        Effect.flatMap(() =>
          asks(asking)
            ? Effect.andThen(withdraw(asking), Effect.fail(asking.refusal ?? tooLate(patience)))
            : Effect.succeed(asking.id)
        )
      )
    })

  return { ask, stir: Effect.sync(stir) }
})

const asks = (asking: Asking): boolean => asking.status === "asking"

const untilLate = (answered: Effect.Effect<void, Refusal>, patience: Patience) =>
  Duration.isFinite(patience.for)
    ? Effect.timeoutOrElse(answered, { duration: patience.for, orElse: () => Effect.void })
    : answered

/** No reading came back before the time was over. */
const tooLate = (patience: Patience | undefined) =>
  new PolloTimeout({ phase: "deadline", timeout: patience?.for ?? Duration.infinity, attempts: 0 })
