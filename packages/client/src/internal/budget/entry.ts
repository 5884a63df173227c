/** A hold as an operator sees it. */
import * as DateTime from "effect/DateTime"
import type * as model from "../../CreditReservation.ts"
import type { Hold } from "./holds.ts"
import { toCredits } from "./units.ts"

/** A hold of version 0.1.0 has no tag, so its `since` is its `at`, by Redis's own clock. */
export type Entry = Pick<Hold, "phase" | "amount" | "label" | "since"> & { readonly id: string }

/** The name of a machine has no dot. */
export const toHold = ({ amount, id, label, phase, since }: Entry): model.Hold => ({
  id,
  ...label === undefined ? {} : { label },
  phase,
  credits: toCredits(amount),
  since: DateTime.makeUnsafe(since),
  machine: id.replace(/\..*$/s, "")
})
