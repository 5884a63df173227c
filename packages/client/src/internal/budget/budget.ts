/** A budget over any store: admission by the line, and the settlement of what was admitted. */
import type * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Result from "effect/Result"
import * as Scope from "effect/Scope"
import type { CreditBalance } from "../../CreditBalance.ts"
import { PolloConfigError } from "../../PolloConfigError.ts"
import type { PolloError } from "../../PolloError.ts"
import * as check from "../options.ts"
import type { Budget, Cost, Job, Refusal, Reservation, ReserveOptions } from "../../CreditReservation.ts"
import type { Wish } from "./line.ts"
import type { Reserved } from "./holds.ts"
import * as alarm from "./alarm.ts"
import * as operator from "./operator.ts"
import * as serve from "./serve.ts"
import { covers, type Limit } from "./limits.ts"
import { limitReached } from "./refusals.ts"
import * as settings from "./settings.ts"
import type { BudgetStore } from "./store.ts"
import * as telemetry from "./telemetry.ts"
import { costUnits, none, toCredits, units } from "./units.ts"

interface Held {
  readonly reservation: Reservation
  /** Settles by how the job ended, unless the job itself has said what was charged. */
  readonly conclude: (exit: Exit.Exit<unknown, unknown>) => Effect.Effect<void>
}

export const make = Effect.fnUntraced(function*(
  store: BudgetStore,
  getBalance: Effect.Effect<CreditBalance, PolloError>,
  config: settings.Settings
): Effect.fn.Return<Budget, never, Scope.Scope> {
  const observed = telemetry.make(config.limits)
  const line = yield* serve.make(store, getBalance, config, observed)
  const alarms = yield* alarm.make
  store.listen({ freed: line.dismiss, unexplained: alarms.raise })

  const book = <E>(change: Effect.Effect<Reserved, E>): Effect.Effect<void, E> =>
    Effect.ensuring(Effect.flatMap(change, observed.reserved), line.stir)

  const hold = ({ id, ...mark }: serve.Admitted, cost: number, onFailure: "release" | "keep"): Held => {
    /** The charge that the job has stated, and the charge that the store knows. */
    let stated: number | undefined
    let booked = none
    let owed: Effect.Effect<void> = Effect.void
    /**
     * If the store cannot be reached now, the charge is sent once more at the end. If that fails too, the hold stays
     * until its lease ends.
     */
    const say = (actual: number): Effect.Effect<void> =>
      Effect.suspend(() => {
        stated = actual
        const said = costUnits(actual)
        return book(said === none && booked === none ? store.release([id]) : store.settle(id, said, booked, mark))
          .pipe(
            Effect.matchEffect({
              onSuccess: () =>
                Effect.suspend(() => {
                  const more = toCredits(units(said - booked))
                  booked = said
                  owed = Effect.void
                  return more === 0 ? Effect.void : observed.spent(mark.label, more)
                }),
              onFailure: (error) => {
                owed = say(actual)
                return Effect.logWarning("a reservation could not be settled", error)
              }
            })
          )
      }).pipe(Effect.uninterruptible)
    return {
      reservation: {
        cost,
        charged: say(cost),
        settle: (actual) => {
          const credits = check.credits("actual", actual)
          return Result.isFailure(credits) ? Effect.fail(credits.failure) : say(credits.success)
        },
        release: say(0)
      },
      conclude: (exit) =>
        Effect.suspend(() => {
          if (stated !== undefined) return owed
          return say(onFailure === "release" && Exit.isFailure(exit) && isPlainFailure(exit.cause) ? 0 : cost)
        })
    }
  }

  /** Refuses a cost above a limit at once, because no period has room for it. */
  const fits = Effect.fnUntraced(function*({ label, required }: Wish): Effect.fn.Return<void, Refusal> {
    const cost = costUnits(required)
    const isBeyond = (limit: Limit) => covers(limit, label) && cost > limit.credits
    if (!config.limits.some(isBeyond)) return
    const { limits } = yield* store.totals
    const last = limits.filter(({ limit }) =>
      isBeyond(limit)
    ).toSorted((one, other) => other.resetsAt - one.resetsAt)[0]
    if (last !== undefined) return yield* Effect.fail(limitReached(required, last))
  })

  /** Must run uninterruptibly, like `line.ask`. A quote is asked for before anything else. */
  const admit = Effect.fnUntraced(function*<E, R>(
    price: Cost<E, R>,
    options: ReserveOptions | undefined,
    restore: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  ): Effect.fn.Return<Held, E | Refusal, R> {
    const { label, onFailure, wait: patience } = yield* Effect.fromResult(settings.reserveOptions(options ?? {}))
    const quoted = isQuote(price) ? yield* restore(price) : price
    const cost = yield* Effect.fromResult(settings.cost("cost", quoted))
    const wish = { required: cost, label, patience }
    const admitted = yield* observed.observeReserve(cost, label, Effect.andThen(fits(wish), line.ask(wish, restore)))
    return hold(admitted, cost, onFailure)
  })

  const reserve: Budget["reserve"] = <E, R>(cost: Cost<E, R>, options?: ReserveOptions) =>
    Effect.uninterruptibleMask((restore) =>
      Effect.gen(function*() {
        const held = yield* admit(cost, options, restore)
        yield* Scope.addFinalizerExit(yield* Effect.scope, held.conclude)
        return held.reservation
      })
    )

  const withReservation: Budget["withReservation"] = (cost, options) => (job) =>
    Effect.uninterruptibleMask((restore) =>
      Effect.gen(function*() {
        yield* Effect.fromResult(aJob("job", job))
        const held = yield* admit(cost, options, restore)
        const exit = yield* Effect.exit(restore(Effect.isEffect(job) ? job : madeBy(job, held.reservation)))
        yield* held.conclude(exit)
        return yield* exit
      })
    )

  return {
    reserve,
    withReservation,
    unexplained: alarms.raised,
    ...operator.make(store, (reserved) => book(Effect.succeed(reserved)))
  }
})

/** A proxy may throw at any access. */
const isQuote = <E, R>(price: Cost<E, R>): price is Effect.Effect<number, E, R> =>
  Result.getOrElse(Result.try(() => Effect.isEffect(price)), () => false)

const aJob = check.matching(
  (job): job is Job<unknown, unknown, unknown> => Effect.isEffect(job) || typeof job === "function",
  "must be an Effect or a function that returns one"
)

/**
 * A function that returns no effect, such as an async one, may have begun the job nevertheless, so its charge is kept.
 */
const madeBy = <A, E, R>(
  job: (reservation: Reservation) => Effect.Effect<A, E, R>,
  reservation: Reservation
): Effect.Effect<A, E | PolloConfigError, R> =>
  Effect.suspend((): Effect.Effect<A, E | PolloConfigError, R> => {
    const made = job(reservation)
    return Effect.isEffect(made) ? made : Effect.andThen(
      reservation.charged,
      Effect.fail(
        new PolloConfigError({ field: "job", problem: "must return an Effect; wrap a promise in Effect.promise" })
      )
    )
  })

/** Whether the job failed with an error of its type: it was not interrupted and has no defect. */
const isPlainFailure = (cause: Cause.Cause<unknown>): boolean => cause.reasons.every((reason) => reason._tag === "Fail")
