/**
 * The books of a budget and every change to them: no clock, no effect, no randomness. The memory store runs these
 * functions and the Lua scripts in `scripts.ts` mirror them line by line.
 *
 * Why no admitted job takes the balance below the margin, as long as jobs spend no more than they reserved and nobody
 * else spends: let `V` be the reading in use, `H` the sum of all holds that do not wait, `B` the true balance, and `U`
 * what jobs that were admitted may still be charged. A charge that `V` does not show belongs to a hold in `H`: a spent
 * hold goes only with a reading that was requested after the charge (and `lag` later, since a reading shows the balance
 * of at most `lag` before its request), and only readings requested later replace that one. What is in `U` belongs to
 * an active hold, which is in `H` too. So `B - U >= V - H`. Admission of `cost` asks for `V - H - cost >= margin`,
 * hence leaves `B - U >= margin`. A charge moves credits from `U` out of `B` and changes nothing; a release shrinks
 * `U`; a top-up raises `B`. As `U` is never negative, `B >= margin`.
 *
 * A counter decides whether a charge or a request came first, because the steps of the clock are too coarse.
 *
 * On a store that can lose the books, `H` may lack holds. Assumed of it: one server at a time takes writes; a script
 * runs as a whole or not at all; and where books come back older, or on another server, its name differs (`run_id` for
 * a new process, `master_replid` for a new master). Assumed of machines: none is silent for two leases while its job
 * runs. Then the first script after a loss finds another server or no books, names them anew and closes them
 * (`loss.ts`), before it decides anything. While they are closed nobody is admitted, so it does not matter that `V - H`
 * is too large. Within two leases every machine whose job runs has renewed its hold, so what is in `U` belongs to an
 * active hold again. A charge of a job that has ended since may belong to no hold, but a machine speaks within two
 * leases of it, and readings that are requested after the window are `lag` later still, so they show it. No earlier
 * reading decides: its ticket has an older name. A hold that came back though its job has ended only makes `H` larger,
 * and goes when its lease is over.
 *
 * The window is measured by the clock of a machine that has seen these very books closed, from hearing of it to asking
 * again, so the store's clock has no part in it. Leases are counted by the store's clock, but only by what it adds:
 * when it is set back, the time of the books runs on from where it was. A lease that ends too early leaves its hold
 * `lost`, for one lease more. An admission whose answer is older than a third of a lease starts no job, so a job starts
 * while its hold is active and renewed.
 *
 * `test/model` runs these functions in every order of such events, and leaves out each rule to see it break.
 */

import { drop, follow, put, reservedOf, type Rules, type State } from "./holds.ts"
import { judge, type Limit, name, type Named, type Stop } from "./limits.ts"
import * as trails from "./trail.ts"
import { type Units, units } from "./units.ts"

export type { Rules } from "./holds.ts"
export { type Held, release, renew, settle } from "./settlement.ts"

/** The counter and the time at which a reading was requested, and the name of the books that they are from. */
export interface Ticket {
  readonly name: string
  readonly seq: number
  readonly at: number
}

export interface Ask {
  /** Begins with the machine and a dot. */
  readonly id: string
  readonly cost: Units
  readonly label: string | undefined
  /** Whether to stay in line if there are not enough credits now. */
  readonly wait: boolean
}

export interface Admission {
  /** The machine whose places in the line are decided on. */
  readonly machine: string
  readonly ticket: Ticket
  /** Absent if the balance could not be read and the reservations are admitted nevertheless. */
  readonly available: Units | undefined
  readonly margin: Units
  /** Reservations that have no known place in the line yet. */
  readonly asks: ReadonlyArray<Ask>
  /** How many reservations in line are admitted by one call. The rest needs another call. */
  readonly most: number
  /** The limits of the machine. */
  readonly limits: ReadonlyArray<Limit>
}

export interface Decision {
  /** The balance that decided; absent if there has been no reading. */
  readonly available: Units | undefined
  /** Ids of the machine's reservations that had a place in the line and were admitted. */
  readonly admitted: ReadonlyArray<string>
  /** Whether another call may admit more of them. */
  readonly more: boolean
  /**
   * For each ask, in order: `undefined` if it was admitted, otherwise the limit that stops it, or what was reserved
   * before it, the line included.
   */
  readonly short: ReadonlyArray<Units | Stop | undefined>
  /** The limits that stop a waiting reservation. */
  readonly stops: ReadonlyArray<Stop>
  /**
   * The sum of all holds that do not wait, after the decision, and below that the sums under the labels of the limits.
   */
  readonly reserved: Units
  readonly byLabel: ReadonlyMap<string, Units>
  /** The sum of all holds that wait, after the decision. */
  readonly waiting: Units
  /** The time of the admissions. */
  readonly since: number
  /** Spending in the reading that no job explains. */
  readonly unexplained: trails.Unexplained | undefined
}

/**
 * Ends leases. The job of an ended lease may have been charged, so its hold stays as `lost`; a place in the line is
 * removed.
 */
const expire = (state: State): void => {
  const seq = state.seq + 1
  for (const id of state.leases) {
    const hold = state.holds.get(id)
    if (hold === undefined || hold.at > state.now) break
    if (hold.phase === "waiting") drop(state, id)
    else {
      put(state, id, { ...hold, phase: "lost", seq, at: state.now })
      state.seq = seq
    }
  }
}

/** What is held is dropped when the reading shows all that became of it. Yields what nobody explains. */
const take = (
  state: State,
  reading: NonNullable<State["reading"]>,
  rules: Rules
): trails.Unexplained | undefined => {
  state.reading = reading
  // The holder of a lost one gets another lease's time to come back.
  for (const [order, span] of [[state.spent, rules.lag], [state.lost, rules.lease + rules.lag]] as const) {
    for (const id of order) {
      const hold = state.holds.get(id)
      if (hold === undefined || hold.at + span > reading.at || hold.seq >= reading.seq) break
      trails.gone(follow(state), hold.amount, hold.phase === "spent")
      drop(state, id, true)
    }
  }
  const { now, reserved: held, seq } = state
  return trails.compare(follow(state), { reading, seq, now, held, lag: rules.lag })
}

/** Called before a reading is requested; nothing while the books are closed. */
export const begin = (state: State, limits: ReadonlyArray<Named> = []): Ticket | undefined => {
  name(state, limits)
  if (!state.open) return undefined
  state.seq += 1
  return { name: state.name, seq: state.seq, at: state.now }
}

/**
 * Called when a reading has arrived, for reservations that were asked for before it was requested. Decides nothing
 * while the books are closed, or by a reading whose books were lost meanwhile.
 */
export const admit = (state: State, rules: Rules, admission: Admission): Decision | undefined => {
  const { asks, available, limits, machine, margin, most, ticket } = admission
  if (!state.open || ticket.name !== state.name) return undefined
  expire(state)
  const isLatest = available !== undefined && ticket.seq > (state.reading?.seq ?? 0)
  const unexplained = isLatest ? take(state, { seq: ticket.seq, at: ticket.at, available }, rules) : undefined
  const balance = state.reading?.available
  const at = state.now + rules.lease
  const suffices = (cost: Units, ahead: number): boolean =>
    available === undefined || (balance !== undefined && balance - state.reserved - ahead - margin >= cost)
  const weigh = judge(state, limits)

  // Those in line. Others are decided on by readings of their own; what they need is set aside. Nothing is set aside
  // for somebody whom a limit stops, except under that limit.
  const admitted: Array<string> = []
  let ahead = 0
  let stopped = 0
  for (const id of state.line) {
    const hold = state.holds.get(id)
    if (hold === undefined || (admitted.length === most && limits.length === 0)) break
    const { amount, label } = hold
    const stopping = weigh.stopping(label, amount)
    if (stopping.length > 0) {
      weigh.close(stopping, amount)
      stopped += amount
    } else if (admitted.length === most || !id.startsWith(`${machine}.`)) {
      weigh.keep(label, amount)
      ahead += amount
    } else if (suffices(amount, ahead)) {
      put(state, id, { ...hold, phase: "active", at, since: state.wall })
      admitted.push(id)
    } else break
  }

  // Those who come. Behind somebody for whom the credits do not suffice they do not suffice either.
  const short = asks.map(({ cost, id, label, wait }): Units | Stop | undefined => {
    const hold = state.holds.get(id)
    const held = hold !== undefined && hold.phase !== "waiting"
    const stopping = held ? [] : weigh.stopping(label, cost)
    const stop = weigh.report(stopping)
    const before = units(state.waiting - (hold?.phase === "waiting" ? hold.amount : stopped))
    const taken = units(state.reserved + before)
    if (hold === undefined) state.seq += 1
    const seq = hold?.seq ?? state.seq
    const asked = { amount: cost, counted: cost, label, seq, at, since: hold?.since ?? state.wall }
    if (held || (hold === undefined && stop === undefined && suffices(cost, before))) {
      // An ask whose last answer got lost has its hold already.
      put(state, id, { ...asked, phase: "active" })
      return undefined
    }
    if (wait) put(state, id, { ...asked, phase: "waiting" })
    if (wait && hold === undefined && stop !== undefined) {
      weigh.close(stopping, cost)
      stopped += cost
    }
    return stop ?? taken
  })
  const more = admitted.length === most
  const { reserved, waiting, wall: since } = state
  const { byLabel } = reservedOf(state, limits.map(({ label }) => label))
  const stops = weigh.stops()
  return { available: balance, admitted, more, short, stops, reserved, byLabel, waiting, since, unexplained }
}
