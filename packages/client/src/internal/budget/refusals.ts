/** The errors of a reservation that is not admitted, in credits. */
import * as DateTime from "effect/DateTime"
import { InsufficientCredits } from "../../InsufficientCredits.ts"
import { SpendLimitReached } from "../../SpendLimitReached.ts"
import type { Stop } from "./limits.ts"
import { none, toCredits, type Units } from "./units.ts"

export const insufficient = (
  required: number,
  available: Units | undefined,
  reserved: Units,
  safetyMargin: number
): InsufficientCredits =>
  new InsufficientCredits({
    required,
    available: toCredits(available ?? none),
    reserved: toCredits(reserved),
    safetyMargin
  })

export const limitReached = (required: number, { limit, reserved, resetsAt, spent }: Stop): SpendLimitReached =>
  new SpendLimitReached({
    limit: limit.given,
    ...limit.label === undefined ? {} : { label: limit.label },
    required,
    spent: toCredits(spent),
    reserved: toCredits(reserved),
    resetsAt: DateTime.makeUnsafe(resetsAt)
  })
