/**
 * Spends a prepaid balance safely: a job starts only when the credits for it are there and are not reserved for others.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { BudgetStoreError } from "./BudgetStoreError.ts"
import * as budget from "./internal/budget/budget.ts"
import type * as model from "./CreditReservation.ts"
import * as settings from "./internal/budget/settings.ts"
import { memory } from "./internal/budget/store.ts"
import type { PolloConfigError } from "./PolloConfigError.ts"
import { PolloCredits } from "./PolloCredits.ts"

export { BudgetStoreError } from "./BudgetStoreError.ts"
export { InsufficientCredits } from "./InsufficientCredits.ts"
export { SpendLimitReached } from "./SpendLimitReached.ts"

/**
 * @since 0.1.0
 */
export declare namespace CreditBudget {
  /**
   * What the service offers.
   *
   * @category models
   * @since 0.1.0
   */
  export type Service = model.Budget

  /**
   * What a budget is built from.
   *
   * @category models
   * @since 0.1.0
   */
  export type Options = model.Options

  /**
   * A limit on spending.
   *
   * @category models
   * @since 0.1.0
   */
  export type Limit = model.Limit

  /**
   * What a budget knows of a limit, in credits.
   *
   * @category models
   * @since 0.1.0
   */
  export type LimitStatus = model.LimitStatus

  /**
   * How a reservation waits for credits.
   *
   * @category models
   * @since 0.1.0
   */
  export type Wait = model.Wait

  /**
   * How to reserve.
   *
   * @category models
   * @since 0.1.0
   */
  export type ReserveOptions = model.ReserveOptions

  /**
   * Credits that are held for one job, and what the job can say about them.
   *
   * @category models
   * @since 0.1.0
   */
  export type Reservation = model.Reservation

  /**
   * The most that a job may be charged: a number of credits, or an effect that asks for a quote.
   *
   * @category models
   * @since 0.1.0
   */
  export type Cost<E = never, R = never> = model.Cost<E, R>

  /**
   * A job, or a function that makes one and can tell the reservation what was charged.
   *
   * @category models
   * @since 0.1.0
   */
  export type Job<A, E, R> = model.Job<A, E, R>

  /**
   * Why a job is not started.
   *
   * @category models
   * @since 0.1.0
   */
  export type Refusal = model.Refusal

  /**
   * What a budget knows, in credits.
   *
   * @category models
   * @since 0.1.0
   */
  export type Status = model.Status

  /**
   * Credits that were spent and that no job of the budget explains.
   *
   * @category models
   * @since 0.1.0
   */
  export type Unexplained = model.Unexplained

  /**
   * Credits that are held, or waited for, as an operator sees them.
   *
   * @category models
   * @since 0.1.0
   */
  export type Hold = model.Hold
}

/**
 * Starts jobs only when the credits for them are there.
 *
 * **Details**
 *
 * A job starts when `available − reserved − safetyMargin >= cost`, where `available` comes from a reading that was
 * requested after the job asked, and `reserved` is all that is held for others. Otherwise it fails with
 * `InsufficientCredits` and does not run. Costs are credits, fractions included, counted in millionths. The cost is the
 * most that the job may be charged.
 *
 * What happens to the credits held for a job:
 *
 * | the job | its hold |
 * |---|---|
 * | succeeds | is taken for charged: kept until a reading that was requested after the job's end (plus `chargeLag`) |
 * | fails with an error of its type | is released; with `onFailure: "keep"` it is taken for charged |
 * | is interrupted, or dies of a defect | is taken for charged: nobody knows whether it was |
 * | has called `charged` or `settle(actual)` | is kept, in that amount, until a reading requested after the call |
 * | has called `release` | is released |
 *
 * What a job has said counts, however the job ends. A long job should run `charged` as soon as it was charged: until
 * then a reading that already shows the charge makes it count twice. `reserve` settles by the same table when its scope
 * closes.
 *
 * **A quote.** The cost can be an effect that asks what the job will cost. It runs once for each reservation, before
 * the reservation joins the line; its errors and requirements become those of the reservation. An answer that is not a
 * number of credits from 0 to 9,007,199,254 fails with `PolloConfigError`, as such a cost does, and holds nothing. The
 * time of `wait`, the span and the metrics begin after the quote.
 *
 * **Requests.** One reading is under way at a time. It decides all reservations that asked before it was requested, in
 * the order in which they came; later ones get the next reading. So a reservation on its own costs one request, and any
 * number of reservations at once cost at most two. Waiting reservations cause a new reading every `pollEvery`, and
 * whenever a job of this program ends, because that may have freed credits. A fleet on Redis shares the readings of
 * `pollEvery`: it causes at most two in that time, however many machines wait. A server that failed and said when to
 * come back (`Retry-After`) gets no request before that time, or before `maxBackoff` if that is shorter: until then
 * reservations that do not wait fail with the same error, and waiting ones sleep. The readings use the policy of the
 * client; `RequestPolicy.override` around a reservation does not reach them.
 *
 * **Waiting** is first come, first served: no later reservation overtakes an earlier one, so a large job at the head of
 * the line holds up smaller ones behind it. Reservations that do not wait fail at once when others are in line, and
 * `reserved` in their error includes what the line asks for. A failure whose `isTransient` is true does not end the
 * wait.
 *
 * **Limits.** With `limits` what is spent within a period stays within `credits`, for all or under a `label`. A job
 * counts only in the period of its admission: while it runs with what it reserved, then with what it was charged. A job
 * that does not fit fails with `SpendLimitReached`, or waits; a job that costs more than the whole limit is refused at
 * once. A job that waits for a limit holds up only later jobs under the same limit.
 *
 * **Errors.** `InsufficientCredits`, `SpendLimitReached`, the `PolloError` of the reading, or the `BudgetStoreError` of
 * a budget whose books are not in this program (`CreditBudgetRedis`). An invalid cost, option or job fails with a
 * `PolloConfigError` that names the field: no top-up cures that mistake, so it must not pass for missing credits.
 *
 * **Telemetry.** A span `CreditBudget.reserve` with `pollo.cost` and `pollo.outcome` covers the wait and not the job.
 * The metrics are `pollo.budget.admitted`, `pollo.budget.refused` (by `outcome`), `pollo.budget.unseen`,
 * `pollo.budget.spent` and the gauge `pollo.budget.reserved`. With `limits` refused, spent and reserved have a `label`:
 * one that a limit names, or `other`.
 *
 * **Unexplained spending.** Each reading is compared with those before it. If the balance has fallen by more than the
 * jobs of the budget have said, or may still have been charged, the difference is reported once: by `unexplained`, a
 * warning in the log and the metric `pollo.budget.unexplained`. This finds a leaked key, credits that expire, and a job
 * that says less than it was charged. Held credits, a top-up, a refund, and a job that says more than it was charged
 * hide the same amount, until a reading at which nothing is held. Readings come with reservations; without reservations
 * nothing is compared.
 *
 * **Promised**: as long as no job costs more than it reserved, the jobs admitted here never take the balance below the
 * safety margin, what was settled for jobs that were admitted in a period stays within its limits, and every hold goes
 * with the first reading after it has served.
 *
 * **Not promised**, because no client can: safety from another program, or another budget, that spends with the same
 * key (each call of `layer` makes a budget of its own; `CreditBudgetRedis` shares one); from credits that expire; from
 * a vendor that charges a job after it has ended, or that shows a charge later than `chargeLag`; from a job that costs
 * more than it said, or fails after a charge and did not say so. A safety margin covers some of each. A limit knows
 * nothing of what was spent before the program started: until its period ends the status calls it `incomplete`.
 *
 * **Example** (A batch that stops when the credits run short)
 *
 * ```ts
 * import { CreditBudget } from "@effect-pollo/client/CreditBudget"
 * import { Effect } from "effect"
 *
 * declare const render: (scene: string) => Effect.Effect<URL>
 *
 * export const batch = Effect.forEach(["dawn", "noon", "dusk"], (scene) =>
 *   CreditBudget.withReservation(30)(render(scene)), { concurrency: 2 }).pipe(
 *   Effect.catchTag("InsufficientCredits", (error) => Effect.logError(error.message))
 * )
 * ```
 *
 * **Example** (A job that knows when and what it was charged, and waits for a top-up)
 *
 * ```ts
 * import { CreditBudget } from "@effect-pollo/client/CreditBudget"
 * import { Effect } from "effect"
 *
 * declare const submit: Effect.Effect<{ readonly id: string; readonly credits: number }>
 * declare const result: (id: string) => Effect.Effect<URL>
 *
 * export const video = CreditBudget.withReservation(80, { wait: { for: "10 minutes" } })(
 *   Effect.fnUntraced(function*(reservation: CreditBudget.Reservation) {
 *     const task = yield* submit
 *     yield* reservation.settle(task.credits)
 *     return yield* result(task.id)
 *   })
 * )
 * ```
 *
 * @category services
 * @since 0.1.0
 */
export class CreditBudget
  extends Context.Service<CreditBudget, CreditBudget.Service>()("@effect-pollo/client/CreditBudget")
{
  /**
   * Holds credits until the scope closes, from the budget in the context.
   *
   * **Example** (Two steps under one reservation)
   *
   * ```ts
   * import { CreditBudget } from "@effect-pollo/client/CreditBudget"
   * import { Effect } from "effect"
   *
   * declare const draft: Effect.Effect<number>
   * declare const final: Effect.Effect<number>
   *
   * export const both = Effect.scoped(Effect.gen(function*() {
   *   const reservation = yield* CreditBudget.reserve(50)
   *   yield* reservation.settle((yield* draft) + (yield* final))
   * }))
   * ```
   */
  static readonly reserve = <EQ = never, RQ = never>(
    cost: CreditBudget.Cost<EQ, RQ>,
    options?: CreditBudget.ReserveOptions
  ): Effect.Effect<CreditBudget.Reservation, EQ | CreditBudget.Refusal, RQ | CreditBudget | Scope.Scope> =>
    CreditBudget.use((budget) => budget.reserve(cost, options))

  /** Holds credits for one job, from the budget in the context. The job does not run without them. */
  static readonly withReservation = <EQ = never, RQ = never>(
    cost: CreditBudget.Cost<EQ, RQ>,
    options?: CreditBudget.ReserveOptions
  ) =>
  <A, E, R>(
    job: CreditBudget.Job<A, E, R>
  ): Effect.Effect<A, E | EQ | CreditBudget.Refusal, R | RQ | CreditBudget> =>
    CreditBudget.use((budget) => budget.withReservation(cost, options)(job))

  /** What the budget in the context knows, without a reading. */
  static readonly status: Effect.Effect<CreditBudget.Status, BudgetStoreError, CreditBudget> = CreditBudget
    .use((budget) => budget.status)

  /**
   * Spending that no job explains, as readings of the budget in the context show it, from the moment in which the
   * stream is run.
   */
  static readonly unexplained: Stream.Stream<CreditBudget.Unexplained, never, CreditBudget> = Stream.unwrap(
    Effect.map(CreditBudget, (budget) => budget.unexplained)
  )

  /**
   * All credits that the budget in the context holds, or that reservations wait for, the oldest first. For an operator.
   */
  static readonly holds: Effect.Effect<ReadonlyArray<CreditBudget.Hold>, BudgetStoreError, CreditBudget> = CreditBudget
    .use((budget) => budget.holds)

  /**
   * Frees a hold of the budget in the context, for an operator. Returns the hold, or `undefined` if there is none.
   *
   * **Details**
   *
   * The job is not stopped, and a charge that it states later is held again. A reservation that waits fails with its
   * last refusal.
   */
  static readonly free = (
    id: string
  ): Effect.Effect<CreditBudget.Hold | undefined, BudgetStoreError | PolloConfigError, CreditBudget> =>
    CreditBudget.use((budget) => budget.free(id))

  /**
   * A budget of this program's own, in memory, for as long as the scope is open. Build it once for each key.
   *
   * **Details**
   *
   * Fails with `PolloConfigError`, which names the option, when a budget cannot be built from the options.
   */
  static readonly make = (
    options: CreditBudget.Options = {}
  ): Effect.Effect<CreditBudget["Service"], PolloConfigError, PolloCredits | Scope.Scope> =>
    Effect.gen(function*() {
      const checked = yield* Effect.fromResult(settings.validate(options))
      const { getBalance } = yield* PolloCredits
      return yield* budget.make(memory(checked.chargeLag, yield* Clock.Clock, checked.limits), getBalance, checked)
    })

  /**
   * A budget of this program's own, in memory. Build it once for each key.
   *
   * **Details**
   *
   * Fails with `PolloConfigError`, which names the option, when a budget cannot be built from the options.
   */
  static readonly layer = (
    options: CreditBudget.Options = {}
  ): Layer.Layer<CreditBudget, PolloConfigError, PolloCredits> => Layer.effect(CreditBudget, CreditBudget.make(options))
}
