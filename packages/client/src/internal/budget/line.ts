/**
 * The line of those who ask one budget for credits: who stands in it, what it has been told, and when to look again.
 * No effect, no clock. `serve.ts` takes the readings and tells people what came of them.
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

/** What somebody asks for. */
export interface Wish {
  /** Credits, as they were asked for. */
  readonly required: number
  /** Whose spending it is. */
  readonly label: string | undefined
  /** Without it the first reading decides. */
  readonly patience: Patience | undefined
}

/** Somebody who asks. `A` is what they are answered with. */
export interface Asking<A> extends Wish {
  readonly id: string
  readonly cost: Units
  readonly answer: A
  /** The number of rounds that had begun before. */
  readonly joined: number
  /** Whether the store may know of it. */
  sent: boolean
  /** What it was admitted by. */
  admitted: Decision | undefined
  /** What waited on other machines when this took its place, so at most that is ahead of it there. */
  elsewhere: Units
}

export interface Line<A> {
  /** By id, in the order in which they came. */
  readonly asking: Map<string, Asking<A>>
  /** Those that the store is not known to have in its own line. */
  readonly fresh: Set<Asking<A>>
  /** How many wait with each `pollEvery`, in milliseconds, and what they wait for in all. */
  readonly polls: Map<number, number>
  waiting: Units
  /** How many rounds have begun. */
  rounds: number
  /** What the latest round came to, for those who have waited in vain. */
  latest: { readonly round: number; readonly outcome: Decision | PolloError | BudgetStoreError } | undefined
  /** Milliseconds, by the program's monotonic clock: when a limit that stops somebody in line begins anew. */
  resets: number
  /** The latest that was had for this line. */
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

/** Yields whether it stood in line until now. */
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

/** Begins a round: those whom the store is to be asked about, and who stands behind the reading that it takes. */
export const begin = <A>(line: Line<A>): ReadonlyArray<Asking<A>> => {
  line.rounds += 1
  return [...line.fresh]
}

/** How many there are for whom the reading of this round was taken. */
export const behind = <A>(line: Line<A>): number =>
  [...line.asking.values()].filter(({ joined }) => joined < line.rounds).length

/** Who is to be told what, after the store has decided. Those who wait on stay in line. */
export interface Verdict<A> {
  readonly admitted: ReadonlyArray<Asking<A>>
  readonly refused: ReadonlyArray<readonly [Asking<A>, Refusal]>
  /** Ids of those who left while the store decided: it may hold for them, or keep their places. */
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
    // Whose place was thought lost is asked about again, and has moved up at the same time.
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
 * Who is to be told of a failure: those who do not wait, and everybody when no waiting cures it. Whether the store has
 * admitted anybody may be unknown, so the store is asked anew about those that stay.
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

/** The store's last answer was lost: it may have admitted any of those whom it knows. */
export const forgetPlaces = <A>(line: Line<A>): void => {
  line.fresh.clear()
  for (const asking of line.asking.values()) line.fresh.add(asking)
}

/** Why somebody has waited in vain: the outcome of the latest round that began after they came. */
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
    // Who fits into the limit and not into the balance stands before those whom the limit stops.
    const fits = last.spent + under + cost <= last.limit.credits
    const suffices = available !== undefined && available - ahead - margin >= cost
    if (!fits || suffices) return limitReached(required, { ...last, reserved: units(under) })
  }
  return insufficient(required, available, units(ahead), safetyMargin)
}

/** Milliseconds: a server that asks for less is not taken at its word, or an outage would be a hot loop. */
const shortestLook = 1000

/** Milliseconds; infinite when nobody waits. */
export const shortestPoll = <A>(line: Line<A>): number => Math.min(...line.polls.keys())

/** Milliseconds until somebody in line wants to be looked after again; infinite when nobody does. */
export const untilLook = <A>(line: Line<A>, now: number): number => {
  const poll = shortestPoll(line)
  if (now < line.again && line.polls.size > 0) return line.again - now
  if (line.outage !== undefined && now < line.outage.until && line.polls.size > 0) {
    return Math.max(line.outage.until - now, Math.min(poll, shortestLook))
  }
  const resets = line.polls.size > 0 && line.resets > now ? line.resets - now : poll
  const soonest = Math.min(poll, Math.max(shortestLook, resets))
  const outcome = line.latest?.outcome
  // Books that open sooner than the next look for a top-up are waited for.
  const reopens = outcome !== undefined && "_tag" in outcome && outcome._tag === "BudgetStoreError"
    ? outage.asked(outcome, poll)
    : 0
  return reopens > 0 ? reopens : soonest
}
