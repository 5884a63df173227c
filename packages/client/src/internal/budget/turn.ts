/**
 * Decides which machine reads the balance for waiting reservations: however many machines wait, they share one request.
 *
 * A reading that another machine requested after this one's last ticket decides this one's line as well, by the same
 * `admit`. `asked` among the fields of the books says which was the latest reading, and what time it was, when a
 * machine last went to ask. That machine may fail or die, so the others wait for it no longer than a reading may be
 * used.
 */
import type * as Effect from "effect/Effect"
import type { BudgetStoreError } from "../../BudgetStoreError.ts"
import type { Ticket } from "./state.ts"
import type { Units } from "./units.ts"

export type Turn =
  | { readonly _tag: "ask" }
  /** Another machine reads the balance, so look again soon. */
  | { readonly _tag: "later" }
  | { readonly _tag: "shared"; readonly ticket: Ticket; readonly available: Units }

/** `after` is the last ticket of this machine, and a reading may be used for `span` milliseconds. */
export type TakeTurn = (after: Ticket, span: number) => Effect.Effect<Turn, BudgetStoreError>

export const ask: Turn = { _tag: "ask" }
