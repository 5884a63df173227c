/**
 * The line of reservations that ask one budget for credits: which are in it, their latest outcome, and when to look
 * again. It has no effect and no clock. `serve.ts` takes the readings and answers the reservations.
 */
import * as Duration from "effect/Duration"
import type { BudgetStoreError } from "../../BudgetStoreError.ts"
import { type PolloError, PolloTimeout } from "../../PolloError.ts"
import type { Refusal } from "../../CreditReservation.ts"
import * as outage from "../outage.ts"
import { covers } from "./limits.ts"
import { insufficient, limitReached } from "./refusals.ts"
import type { Patience, Settings } from "./settings.ts"
import type { Ticket } from "./state.ts"
import type { Decision } from "./store.ts"
import { costUnits, none, type Units, units } from "./units.ts"

/** What a reservation asks for. */
export interface Wish {
  /** Credits, as they were asked for. */
  readonly required: number
  /** Whose spending it is. */
  readonly label: string | undefined
  /** Without it the first reading decides. */
  readonly patience: Patience | undefined
}

/** A reservation that asks. `A` is the type of its answer. */
export interface Asking<A> extends Wish {
  readonly id: string
  readonly cost: Units
  readonly answer: A
  /** How many rounds had begun before this reservation came. */
  readonly joined: number
  /** Whether the store may know of this reservation. */
  sent: boolean
  /** The decision that admitted it. */
  admitted: Decision | undefined
  /**
   * The units that waited on other machines when this reservation took its place: at most these are ahead of it there.
   */
  elsewhere: Units
}

export interface Line<A> {
  /** The reservations by id, in the order in which they came. */
  readonly asking: Map<string, Asking<A>>
  /** Reservations that have no known place in the store's own line yet. */
  readonly fresh: Set<Asking<A>>
  /**
   * How many reservations wait with each `pollEvery` (in milliseconds), and below that the sum of what they wait for.
   */
  readonly polls: Map<number, number>
  waiting: Units
  /** How many rounds have begun. */
  rounds: number
  /** The outcome of the latest round, for reservations whose wait ends without success. */
  latest: { readonly round: number; readonly outcome: Decision | PolloError | BudgetStoreError } | undefined
  /**
   * When the next period begins of a limit that stops a reservation in line. Milliseconds, by the program's monotonic
   * clock.
   */
  resets: number
  /** The latest ticket of this line. */
  ticket: Ticket | undefined
  /** Milliseconds: when to look whether another machine has the reading that it asks for. */
  again: number
  /** A reading that failed, while the server is not to be asked again. */
  outage: outage.Outage | undefined
}

export const empty = <A>(): Line<A> => ({
  asking: new Map(),
  fresh: new Set(),
  polls: new Map(),
  waiting: none,
  rounds: 0,
  latest: undefined,
  resets: Number.POSITIVE_INFINITY,
  ticket: undefined,
  again: 0,
  outage: undefined
})

export const join = <A>(line: Line<A>, id: string, wish: Wish, answer: A): Asking<A> => {
  const cost = costUnits(wish.required)
  const asking: Asking<A> = {
    ...wish,
    id,
    answer,
    cost,
    joined: line.rounds,
    sent: false,
    admitted: undefined,
    elsewhere: none
  }
  line.asking.set(asking.id, asking)
  line.fresh.add(asking)
  count(line, asking, 1)
  return asking
}

/** Removes a reservation from the line. Returns whether it was in the line. */
export const leave = <A>(line: Line<A>, asking: Asking<A>): boolean => {
  line.fresh.delete(asking)
  if (!line.asking.delete(asking.id)) return false
  count(line, asking, -1)
  return true
}

const count = <A>(line: Line<A>, { cost, patience }: Asking<A>, sign: 1 | -1): void => {
  if (patience === undefined) return
  const poll = Duration.toMillis(patience.pollEvery)
  const those = (line.polls.get(poll) ?? 0) + sign
  if (those === 0) line.polls.delete(poll)
  else line.polls.set(poll, those)
  line.waiting = units(line.waiting + sign * cost)
}

/** Begins a round. Returns the reservations that the store must decide on. */
export const begin = <A>(line: Line<A>): ReadonlyArray<Asking<A>> => {
  line.rounds += 1
  return [...line.fresh]
}

/** How many reservations still need the reading of this round. */
export const behind = <A>(line: Line<A>): number =>
  [...line.asking.values()].filter(({ joined }) => joined < line.rounds).length

/** The answers after a decision of the store. Reservations that wait on stay in line. */
export interface Verdict<A> {
  readonly admitted: ReadonlyArray<Asking<A>>
  readonly refused: ReadonlyArray<readonly [Asking<A>, Refusal]>
  /**
   * Ids of reservations that left while the store decided: it may have holds or places for them, which must be given
   * back.
   */
  readonly left: ReadonlyArray<string>
}

export const decided = <A>(
  line: Line<A>,
  batch: ReadonlyArray<Asking<A>>,
  decision: Decision,
  { safetyMargin }: Settings,
  now: number
): Verdict<A> => {
  line.latest = { round: line.rounds, outcome: decision }
  line.resets = now + Math.min(...decision.stops.map(({ resetsAt }) => resetsAt - decision.since))
  const admitted: Array<Asking<A>> = []
  const refused: Array<readonly [Asking<A>, Refusal]> = []
  const left: Array<string> = []
  const admit = (asking: Asking<A>) => {
    leave(line, asking)
    asking.admitted = decision
    admitted.push(asking)
  }
  for (const id of decision.admitted) {
    const asking = line.asking.get(id)
    if (asking === undefined) left.push(id)
    else admit(asking)
  }
  const places: Array<Asking<A>> = []
  for (const [index, asking] of batch.entries()) {
    const before = decision.short[index]
    // A reservation whose place was thought lost was sent again, and was admitted from its old place by the same
    // decision.
    if (asking.admitted === decision) continue
    if (!line.asking.has(asking.id)) left.push(asking.id)
    else if (before === undefined) admit(asking)
    else if (asking.patience === undefined) {
      leave(line, asking)
      const { required } = asking
      const refusal = typeof before === "number"
        ? insufficient(required, decision.available, before, safetyMargin)
        : limitReached(required, before)
      refused.push([asking, refusal])
    } else {
      line.fresh.delete(asking)
      places.push(asking)
    }
  }
  const elsewhere = units(Math.max(0, decision.waiting - line.waiting))
  for (const asking of places) asking.elsewhere = elsewhere
  return { admitted, refused, left }
}

/**
 * The reservations that fail with a failure: those that do not wait, or all if waiting does not help. The store may
 * have admitted some of the others, so it is asked again about all that stay.
 */
export const failed = <A>(
  line: Line<A>,
  batch: ReadonlyArray<Asking<A>>,
  failure: PolloError | BudgetStoreError
): Verdict<A> => {
  line.latest = { round: line.rounds, outcome: failure }
  const lasting = !failure.isTransient
  const told = [...(lasting ? line.asking.values() : batch)]
    .filter(({ joined, patience }) => lasting ? joined < line.rounds : patience === undefined)
    .filter((asking) => leave(line, asking))
  const left = [...batch, ...told].filter(({ id, sent }) => sent && !line.asking.has(id)).map(({ id }) => id)
  return { admitted: [], refused: told.map((asking) => [asking, failure] as const), left: [...new Set(left)] }
}

/** After a lost answer of the store: it may have admitted any of the reservations that it knows. */
export const forgetPlaces = <A>(line: Line<A>): void => {
  line.fresh.clear()
  for (const asking of line.asking.values()) line.fresh.add(asking)
}

/** The error of a reservation whose wait is over: the outcome of the latest round that began after it came. */
export const inVain = <A>(line: Line<A>, asking: Asking<A>, { margin, safetyMargin }: Settings): Refusal => {
  const { latest } = line
  if (latest === undefined || latest.round <= asking.joined) {
    return new PolloTimeout({ phase: "deadline", timeout: asking.patience?.for ?? Duration.infinity, attempts: 0 })
  }
  if ("_tag" in latest.outcome) return latest.outcome
  const { available, reserved, stops, waiting } = latest.outcome
  const before: Array<Asking<A>> = []
  for (const other of line.asking.values()) {
    if (other === asking) break
    if (other.patience !== undefined) before.push(other)
  }
  const sum = (those: ReadonlyArray<Asking<A>>) => those.reduce((all, { cost }) => all + cost, 0)
  const { cost, elsewhere, label, required } = asking
  const ahead = reserved + Math.min(elsewhere, Math.max(0, waiting - line.waiting)) + sum(before)
  const last =
    stops.filter(({ limit }) => covers(limit, label)).toSorted((one, other) => other.resetsAt - one.resetsAt)[0]
  if (last !== undefined) {
    const under = last.reserved + sum(before.filter((other) => covers(last.limit, other.label)))
    // A reservation that fits into the limit but not into the balance comes before those that the limit stops.
    const fits = last.spent + under + cost <= last.limit.credits
    const suffices = available !== undefined && available - ahead - margin >= cost
    if (!fits || suffices) return limitReached(required, { ...last, reserved: units(under) })
  }
  return insufficient(required, available, units(ahead), safetyMargin)
}

/** The shortest wait in milliseconds, even if a server asks for less: otherwise an outage would become a busy loop. */
const shortestLook = 1000

/** The shortest `pollEvery` of all that wait, in milliseconds; infinite if no reservation waits. */
export const shortestPoll = <A>(line: Line<A>): number => Math.min(...line.polls.keys())

/** Milliseconds until the line must be looked at again; infinite if no reservation waits. */
export const untilLook = <A>(line: Line<A>, now: number): number => {
  const poll = shortestPoll(line)
  if (now < line.again && line.polls.size > 0) return line.again - now
  if (line.outage !== undefined && now < line.outage.until && line.polls.size > 0) {
    return Math.max(line.outage.until - now, Math.min(poll, shortestLook))
  }
  const resets = line.polls.size > 0 && line.resets > now ? line.resets - now : poll
  const soonest = Math.min(poll, Math.max(shortestLook, resets))
  const outcome = line.latest?.outcome
  // If closed books open before the next poll, the line is looked at then.
  const reopens = outcome !== undefined && "_tag" in outcome && outcome._tag === "BudgetStoreError"
    ? outage.asked(outcome, poll)
    : 0
  return reopens > 0 ? reopens : soonest
}
