/** What a budget tells of its books, in credits. */
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import type { LimitStatus, Status } from "../../CreditReservation.ts"
import type { Standing } from "./limits.ts"
import { toCredits, type Units } from "./units.ts"

export interface Totals {
  readonly available: Units | undefined
  readonly reserved: Units
  readonly waiting: Units
  readonly reservations: number
  /** Of each limit of the machine. */
  readonly limits: ReadonlyArray<Standing>
}

const limitStatus = ({ incomplete, limit, reserved, resetsAt, spent }: Standing): LimitStatus => ({
  credits: limit.given,
  every: Duration.millis(limit.every),
  ...limit.label === undefined ? {} : { label: limit.label },
  spent: toCredits(spent),
  reserved: toCredits(reserved),
  resetsAt: DateTime.makeUnsafe(resetsAt),
  incomplete
})

export const of = ({ available, limits, reservations, reserved, waiting }: Totals): Status => ({
  available: available === undefined ? undefined : toCredits(available),
  reserved: toCredits(reserved),
  reservations,
  waiting: toCredits(waiting),
  limits: limits.map(limitStatus)
})
