/** What happens to a hold after its admission. Messages of its machine may come late, get lost or come twice. */
import { drop, type Hold, put, type Reserved, reservedOf, type Rules, type State } from "./holds.ts"
import { type Mark, shift } from "./tallies.ts"
import { none, type Units, units } from "./units.ts"

/** From its admission on, the books know the mark of a hold; before that, only its machine does. */
const markOf = (hold: Hold | undefined, said: Mark): Mark => {
  const { label, since } = hold === undefined || hold.phase === "waiting" ? said : hold
  return { label, since }
}

const discount = (state: State, mark: Mark, amount: Units): void =>
  shift(state.tallies, mark, { all: units(-amount), held: none }, state.wall)

/**
 * Called after a charge, or when there may have been one. `stated` is the charge that was stated before: a reading may
 * have shown it already, so only the rest is held again. A lost hold comes back.
 */
export const settle = (state: State, id: string, amount: Units, stated: Units, mark: Mark): Reserved => {
  state.seq += 1
  const hold = state.holds.get(id)
  const left = hold === undefined ? units(Math.max(0, amount - stated)) : amount
  // The charge that was stated before is already counted.
  if (hold === undefined) discount(state, mark, left === none ? units(stated - amount) : stated)
  if (left === none) drop(state, id)
  else {
    const said = { ...markOf(hold, mark), amount: left, counted: amount }
    put(state, id, { ...said, phase: "spent", seq: state.seq, at: state.now })
  }
  return reservedOf(state, [mark.label])
}

/** Called when nothing was charged and nothing will be. */
export const release = (state: State, ids: ReadonlyArray<string>): Reserved => {
  const labels = new Set(ids.map((id) => state.holds.get(id)?.label))
  for (const id of ids) drop(state, id)
  return reservedOf(state, labels)
}

/** A hold as its machine reports it. */
export interface Held extends Mark {
  readonly id: string
  readonly amount: Units
}

/**
 * Renews the holds of a machine. A running job gets its hold back if it was lost, or if the books were lost. A lost
 * place in the line is given anew, at its end. Returns the ids that an operator has freed, which are not renewed.
 */
export const renew = (
  state: State,
  { lease }: Rules,
  active: ReadonlyArray<Held>,
  waiting: ReadonlyArray<Held>
): ReadonlyArray<string> => {
  const at = state.now + lease
  const isFreed = ({ id }: Held) => state.freed.has(id) && !state.holds.has(id)
  for (const { amount, id, ...mark } of active.filter((held) => !isFreed(held))) {
    const hold = state.holds.get(id)
    if (hold?.phase === "spent") continue
    put(state, id, { ...markOf(hold, mark), phase: "active", amount, counted: amount, seq: hold?.seq ?? 0, at })
  }
  for (const { amount, id, ...mark } of waiting.filter((held) => !isFreed(held))) {
    const hold = state.holds.get(id)
    if (hold === undefined) state.seq += 1
    if (hold === undefined || hold.phase === "waiting") {
      put(state, id, { ...mark, phase: "waiting", amount, counted: amount, seq: hold?.seq ?? state.seq, at })
    }
  }
  return [...active, ...waiting].filter(isFreed).map(({ id }) => id)
}
