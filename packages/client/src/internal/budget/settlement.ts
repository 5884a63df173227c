/** What becomes of a hold after its admission: what its machine says of it, which may be late, lost or said twice. */
import { drop, type Hold, put, type Reserved, reservedOf, type Rules, type State } from "./holds.ts"
import { type Mark, shift } from "./tallies.ts"
import { none, type Units, units } from "./units.ts"

/** The books know it from the admission on; before, the machine does. */
const markOf = (hold: Hold | undefined, said: Mark): Mark => {
  const { label, since } = hold === undefined || hold.phase === "waiting" ? said : hold
  return { label, since }
}

const discount = (state: State, mark: Mark, amount: Units): void =>
  shift(state.tallies, mark, { all: units(-amount), held: none }, state.wall)

/**
 * Called after a charge, or when there may have been one. `stated` is what was said before to have been charged: a
 * reading may have shown that much already, so only the rest is held again. A hold that was given up for lost comes
 * back.
 */
export const settle = (state: State, id: string, amount: Units, stated: Units, mark: Mark): Reserved => {
  state.seq += 1
  const hold = state.holds.get(id)
  const left = hold === undefined ? units(Math.max(0, amount - stated)) : amount
  // What was stated before is counted already.
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

/** What a machine says that it holds. */
export interface Held extends Mark {
  readonly id: string
  readonly amount: Units
}

/**
 * A sign of life. A job that still runs is held for, also when it was given up for lost or the books were lost; a place
 * in the line that is gone is given anew, at its end. Yields the ids for which there is nothing any more, because an
 * operator has freed them.
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
