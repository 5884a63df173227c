/**
 * What people give to a budget and get from it. `CreditBudget` hands these types on in its namespace.
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
   * Credits that are never to be spent.
   *
   * @default 0
   */
  readonly safetyMargin?: number | undefined
  /**
   * What a reservation does when the balance cannot be read: fail with the `PolloError`, or be admitted without a
   * reading, whatever it costs. The second logs a warning and counts in the metric `pollo.budget.unseen`.
   *
   * @default "fail"
   */
  readonly onUnreadable?: "fail" | "allow" | undefined
  /**
   * How long the vendor takes to show a charge in the balance. A charge is held for until a reading that was
   * requested at least this long after it.
   *
   * @default "0 millis"
   */
  readonly chargeLag?: Duration.Input | undefined
  /**
   * The longest time for which a server is left alone that failed and said when to come back (`Retry-After`).
   *
   * @default "5 minutes"
   */
  readonly maxBackoff?: Duration.Input | undefined
  /**
   * How much may be spent within a period, by all or under a label. Where several are about a job, all of them hold.
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
   * How long a period is, 36,500 days at most. Periods begin at multiples of it since 1970 in UTC, so those of
   * `"1 day"` at midnight UTC and those of `"1 week"` on Thursdays.
   */
  readonly every: Duration.Input
  /** Whose spending is limited. Without it, that of all, with a label or without. */
  readonly label?: string | undefined
}

/** How a reservation waits for credits. */
export interface Wait {
  /** The longest wait, `"Infinity"` for one without end. When it is over, the last refusal is the error. */
  readonly for: Duration.Input
  /**
   * How often to look for a top-up. Machines that share their books share what they see, so a look can be half as old
   * again.
   *
   * @default "30 seconds"
   */
  readonly pollEvery?: Duration.Input | undefined
}

/** How to reserve. */
export interface ReserveOptions {
  /** Whose spending it is, say a team or an agent: 1 to 100 characters. */
  readonly label?: string | undefined
  /** Wait in line when the credits do not suffice. Without it the reservation fails at once. */
  readonly wait?: Wait | undefined
  /**
   * What a job that failed with an error of its type leaves behind, unless it has said what was charged: nothing, or
   * the charge of its whole cost. Choose `"keep"` for a job whose failure may come after the charge.
   *
   * @default "release"
   */
  readonly onFailure?: "release" | "keep" | undefined
}

/** Credits that are held for one job, and what the job can say about them. The last word counts. */
export interface Reservation {
  /** The credits held. */
  readonly cost: number
  /** The vendor has charged the whole cost, say when it took the task on. Frees the hold while the job goes on. */
  readonly charged: Effect.Effect<void>
  /**
   * The vendor has charged this many credits and charges no more. Fails only when `actual` is not a finite number of
   * credits, 0 or more; the hold then stays as it was.
   */
  readonly settle: (actual: number) => Effect.Effect<void, PolloConfigError>
  /** Nothing was charged and nothing will be. */
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
  /** By the latest reading; absent before the first. */
  readonly available: number | undefined
  /** Held for jobs that run and for charges that no reading is sure to show yet. */
  readonly reserved: number
  /** How many reservations that is. */
  readonly reservations: number
  /** Asked for by those who wait in line. */
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
  /** Whose spending is limited; absent for that of all. */
  readonly label?: string
  /** What was charged in this period to jobs that were admitted in it, or may have been. */
  readonly spent: number
  /** What is held for jobs that were admitted in this period and run. */
  readonly reserved: number
  /** When the period ends and the next begins. */
  readonly resetsAt: DateTime.Utc
  /**
   * Whether there may have been spending in this period that is not counted: the limit was given in mid-period, or the
   * books were new or lost. It ends with the period.
   */
  readonly incomplete: boolean
}

/** Credits that are held, or waited for, as an operator sees them. */
export interface Hold {
  /** What `free` takes. */
  readonly id: string
  /** Whose spending it is, when that was said. */
  readonly label?: string
  /**
   * `waiting` for credits; `active`: its job runs; `spent`: its job has ended or said what was charged, and no reading
   * is sure to show the charge yet; `lost`: its machine has given no sign of life for a lease.
   */
  readonly phase: "waiting" | "active" | "spent" | "lost"
  /** Held, or waited for. */
  readonly credits: number
  /**
   * When it was admitted, or came into the line, by the clock of the store. For a machine with version 0.1.0, which
   * does not say so: when the job was charged or lost, else when its lease ends.
   */
  readonly since: DateTime.Utc
  /** A name that the budget of each program gives itself anew: holds of one program have the same. */
  readonly machine: string
}

/** Credits that were spent and that no job of the budget explains. */
export interface Unexplained {
  /** How many, beyond all that jobs have said and that is still held. */
  readonly credits: number
  /** When the reading was requested that showed them to be there, by the clock of this program. */
  readonly between: DateTime.Utc
  /** When the reading came that showed them to be gone. */
  readonly and: DateTime.Utc
}

/** What an operator can see and do. */
export interface Operator {
  /** What the budget knows, without a reading. */
  readonly status: Effect.Effect<Status, BudgetStoreError>
  /** All that is held or waited for, the oldest first. */
  readonly holds: Effect.Effect<ReadonlyArray<Hold>, BudgetStoreError>
  /**
   * Frees a hold, whatever its phase, and yields what it was, or nothing when there is none by that id. Logs a warning,
   * and counts in the metric `pollo.budget.freed`.
   *
   * **Details**
   *
   * The job is not stopped. What it was charged, or says later to have been charged, is held again from then on, until
   * a reading shows it; until then others may be admitted to the same credits. Free what is known not to be charged any
   * more. A reservation that waits fails with its last refusal, as if its time was over. On Redis its program hears of
   * it within a third of a lease; one with version 0.1.0 does not, and takes the hold again.
   *
   * Fails with `PolloConfigError` when `id` is no text.
   */
  readonly free: (id: string) => Effect.Effect<Hold | undefined, BudgetStoreError | PolloConfigError>
}

/** Why a job is not started. */
export type Refusal = InsufficientCredits | SpendLimitReached | PolloError | BudgetStoreError | PolloConfigError

/** The shape of the service. */
export interface Budget extends Operator {
  /** Spending that nobody explains, from the moment on in which somebody listens. Never fails. */
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
