/**
 * The types of a budget and its reservations. `CreditBudget` exports them again in its namespace.
 *
 * @since 0.1.0
 */
import type * as DateTime from "effect/DateTime"
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import type { BudgetStoreError } from "./BudgetStoreError.ts"
import type { InsufficientCredits } from "./InsufficientCredits.ts"
import type { PolloConfigError } from "./PolloConfigError.ts"
import type { PolloError } from "./PolloError.ts"
import type { SpendLimitReached } from "./SpendLimitReached.ts"

/** What a budget is built from. */
export interface Options {
  /**
   * Credits that the budget never spends.
   *
   * @default 0
   */
  readonly safetyMargin?: number | undefined
  /**
   * What happens to a reservation when the balance cannot be read: it fails with the `PolloError`, or it is admitted
   * without a reading, whatever its cost. The second logs a warning and counts in the metric `pollo.budget.unseen`.
   *
   * @default "fail"
   */
  readonly onUnreadable?: "fail" | "allow" | undefined
  /**
   * How long the vendor takes to show a charge in the balance. Credits for a charge stay held until a reading that was
   * requested at least this long after the charge.
   *
   * @default "0 millis"
   */
  readonly chargeLag?: Duration.Input | undefined
  /**
   * The longest `Retry-After` of a failing server that is obeyed. After this time the server is asked again.
   *
   * @default "5 minutes"
   */
  readonly maxBackoff?: Duration.Input | undefined
  /**
   * How much may be spent within a period, by all or under a label. If several limits apply to a job, it must fit into
   * all.
   *
   * @default []
   */
  readonly limits?: ReadonlyArray<Limit> | undefined
}

/** A limit on spending. */
export interface Limit {
  /** What is held and spent within a period stays within this many credits. */
  readonly credits: number
  /**
   * How long a period is, 36,500 days at most. Periods begin at multiples of this time since 1970 in UTC: with `"1
   * day"` at midnight UTC, with `"1 week"` on Thursdays.
   */
  readonly every: Duration.Input
  /** The label whose spending is limited. Without it, all spending is limited, with a label or without. */
  readonly label?: string | undefined
}

/** How a reservation waits for credits. */
export interface Wait {
  /** The longest wait; `"Infinity"` for no limit. When it is over, the reservation fails with its last refusal. */
  readonly for: Duration.Input
  /**
   * How often to look for a top-up. Machines that share their books share their readings, so a reading can be up to one
   * and a half times this old.
   *
   * @default "30 seconds"
   */
  readonly pollEvery?: Duration.Input | undefined
}

/** How to reserve. */
export interface ReserveOptions {
  /** Whose spending it is, say a team or an agent: 1 to 100 characters. */
  readonly label?: string | undefined
  /** How to wait in line if there are not enough credits. Without it the reservation fails at once. */
  readonly wait?: Wait | undefined
  /**
   * What happens to the hold of a job that failed with an error of its type and has not said what was charged: it is
   * released, or kept as a charge of the whole cost. Choose `"keep"` for a job whose failure may come after the charge.
   *
   * @default "release"
   */
  readonly onFailure?: "release" | "keep" | undefined
}

/** Credits that are held for one job, and what the job can say about them. The last statement counts. */
export interface Reservation {
  /** The credits held. */
  readonly cost: number
  /**
   * States that the vendor has charged the whole cost, for example when it accepted the task. The hold can then go
   * while the job still runs.
   */
  readonly charged: Effect.Effect<void>
  /**
   * States that the vendor has charged this many credits and will charge no more. Fails only if `actual` is not a
   * finite number of credits, 0 or more; the hold then stays as it was.
   */
  readonly settle: (actual: number) => Effect.Effect<void, PolloConfigError>
  /** States that nothing was charged and nothing will be. */
  readonly release: Effect.Effect<void>
}

/**
 * The most that a job may be charged, in credits: a number, or an effect that asks for a quote, say the vendor's
 * estimate.
 */
export type Cost<E = never, R = never> = number | Effect.Effect<number, E, R>

/** A job, or a function that makes one and can tell the reservation what was charged. */
export type Job<A, E, R> = Effect.Effect<A, E, R> | ((reservation: Reservation) => Effect.Effect<A, E, R>)

/** What a budget knows, in credits. */
export interface Status {
  /** The available credits by the latest reading; absent before the first. */
  readonly available: number | undefined
  /** Credits held for running jobs, and for charges that a reading may not show yet. */
  readonly reserved: number
  /** How many reservations hold these credits. */
  readonly reservations: number
  /** Credits that waiting reservations ask for. */
  readonly waiting: number
  /** The limits of this budget, in the order in which they were given. */
  readonly limits: ReadonlyArray<LimitStatus>
}

/** What a budget knows of a limit, in credits. */
export interface LimitStatus {
  /** The limit. */
  readonly credits: number
  /** How long a period is. */
  readonly every: Duration.Duration
  /** The label whose spending is limited; absent if all spending is limited. */
  readonly label?: string
  /** What was charged in this period to jobs that were admitted in it, or may have been. */
  readonly spent: number
  /** What is held for jobs that were admitted in this period and run. */
  readonly reserved: number
  /** When the period ends and the next begins. */
  readonly resetsAt: DateTime.Utc
  /**
   * Whether there may have been spending in this period that is not counted, because the limit was added during the
   * period, or the books were new or lost. It becomes false with the next period.
   */
  readonly incomplete: boolean
}

/** Credits that are held, or waited for, as an operator sees them. */
export interface Hold {
  /** The id that `free` takes. */
  readonly id: string
  /** The label of the reservation, if it has one. */
  readonly label?: string
  /**
   * `waiting`: it waits for credits; `active`: its job runs; `spent`: its job has ended or said what was charged, and a
   * reading may not show the charge yet; `lost`: its machine has not renewed it for a lease.
   */
  readonly phase: "waiting" | "active" | "spent" | "lost"
  /** The credits that are held or waited for. */
  readonly credits: number
  /**
   * When it was admitted, or joined the line, by the clock of the store. A machine with version 0.1.0 does not record
   * that: then it is when the job was charged or lost, or else when its lease ends.
   */
  readonly since: DateTime.Utc
  /** A name that is new for each start of a program. All holds of one program have the same. */
  readonly machine: string
}

/** Credits that were spent and that no job of the budget explains. */
export interface Unexplained {
  /** How many credits, beyond the charges that jobs have stated and the credits that are still held. */
  readonly credits: number
  /** When the reading was requested that still had these credits, by the clock of this program. */
  readonly between: DateTime.Utc
  /** When the reading arrived that no longer had them. */
  readonly and: DateTime.Utc
}

/** What an operator can see and do. */
export interface Operator {
  /** What the budget knows, without a reading. */
  readonly status: Effect.Effect<Status, BudgetStoreError>
  /** All credits that are held or waited for, the oldest first. */
  readonly holds: Effect.Effect<ReadonlyArray<Hold>, BudgetStoreError>
  /**
   * Frees a hold, whatever its phase, and returns it, or `undefined` if there is no hold with that id. Logs a warning,
   * and counts in the metric `pollo.budget.freed`.
   *
   * **Details**
   *
   * The job is not stopped. A charge that it states later is held again from then on, until a reading shows it; before
   * that, other jobs may be admitted to the same credits. So free only holds that will not be charged any more. A
   * reservation that waits fails with its last refusal, as if its time was over. On Redis its program learns of it
   * within a third of a lease; a program with version 0.1.0 does not, and renews the hold.
   *
   * Fails with `PolloConfigError` if `id` is not a string.
   */
  readonly free: (id: string) => Effect.Effect<Hold | undefined, BudgetStoreError | PolloConfigError>
}

/** Why a job is not started. */
export type Refusal = InsufficientCredits | SpendLimitReached | PolloError | BudgetStoreError | PolloConfigError

/** The shape of the service. */
export interface Budget extends Operator {
  /** Spending that no job explains, from the moment in which the stream is run. Never fails. */
  readonly unexplained: Stream.Stream<Unexplained>
  /** Holds credits until the scope closes. */
  readonly reserve: <EQ = never, RQ = never>(
    cost: Cost<EQ, RQ>,
    options?: ReserveOptions
  ) => Effect.Effect<Reservation, EQ | Refusal, RQ | Scope.Scope>
  /** Holds credits for one job. */
  readonly withReservation: <EQ = never, RQ = never>(
    cost: Cost<EQ, RQ>,
    options?: ReserveOptions
  ) => <A, E, R>(job: Job<A, E, R>) => Effect.Effect<A, E | EQ | Refusal, R | RQ>
}
