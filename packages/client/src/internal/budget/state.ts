/**
 * The books of a budget and every change to them: no clock, no effect, no randomness. The memory store runs these
 * functions and the Lua scripts in `scripts.ts` mirror them line by line.
 *
 * A hold is the part of the balance that one reservation may spend. Its phases:
 *
 * ```
 * waiting ──admit──▶ active ──settle──▶ spent ──a later reading──▶ gone
 *    │                 │ ▲ └─release──▶ gone
 *    └─▶ gone    lease │ │ renew
 *        (release,     ▼ │
 *         lease)      lost ──a later reading──▶ gone
 * ```
 *
 * Why no admitted job takes the balance below the margin, as long as jobs spend no more than they reserved and nobody
 * else spends: let `V` be the reading in use, `H` the sum of all holds that do not wait, `B` the true balance, and `U`
 * what jobs that were admitted may still be charged. A charge that `V` does not show belongs to a hold in `H`: a spent
 * hold goes only with a reading that was requested after the charge (and `lag` later, since a reading shows the balance
 * of at most `lag` before its request), and only readings requested later replace that one. What is in `U` belongs to
 * an active hold, which is in `H` too. So `B - U >= V - H`. Admission of `cost` asks for `V - H - cost >= margin`, hence
 * leaves `B - U >= margin`. A charge moves credits from `U` out of `B` and changes nothing; a release shrinks `U`; a
 * top-up raises `B`. As `U` is never negative, `B >= margin`.
 *
 * Order between a charge and a request is told by a counter and not by the clock, whose steps are too coarse.
 */

/** What an amount of credits is counted in: whole millionths, so that sums are exact in JavaScript and in Lua. */
const unitsPerCredit = 1_000_000

/** Sums and products of decimals leave noise (`0.07 * 1e6` is not 70000): past 15 digits, below a thousandth unit. */
const scale = (credits: number): number => Number(Number((credits * unitsPerCredit).toPrecision(15)).toFixed(3))

/** Units for what may be spent: never fewer than asked for. What is beyond counting is beyond every balance. */
export const costUnits = (credits: number): number => Math.min(Number.MAX_SAFE_INTEGER, Math.ceil(scale(credits)))

/** Units for what is there: never more than stated. */
export const balanceUnits = (credits: number): number =>
  Math.max(-Number.MAX_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER - 1, Math.floor(scale(credits))))

export const toCredits = (units: number): number => units / unitsPerCredit

export interface Hold {
  readonly phase: "waiting" | "active" | "spent" | "lost"
  /** Units. */
  readonly amount: number
  /** Waiting: the place in the line. Spent and lost: a reading must have a higher number to show what became of it. */
  readonly seq: number
  /** Milliseconds. Waiting and active: the end of the lease. Spent and lost: when it became so. */
  readonly at: number
}

/** The number and time that a reading was requested at. */
export interface Ticket {
  readonly seq: number
  readonly at: number
}

export interface State {
  /** Counts requests, settlements, losses and places in the line. */
  seq: number
  /** The latest time seen; it never goes back, whatever the clock does. */
  now: number
  /** The reading that was requested last, of those that have arrived. */
  reading: Ticket & { readonly available: number } | undefined
  readonly holds: Map<string, Hold>
}

/** Milliseconds. */
export interface Rules {
  /** How long a hold lives without a sign of life from its holder. */
  readonly lease: number
  /** How much later than the charge a reading must be requested to be sure to show it. */
  readonly lag: number
}

export interface Ask {
  readonly id: string
  readonly cost: number
  /** Whether to stay in line when the credits do not suffice now. */
  readonly wait: boolean
}

export interface Admission {
  readonly ticket: Ticket
  /** Absent when the balance could not be read and the asks are to be admitted all the same. */
  readonly available: number | undefined
  readonly margin: number
  readonly asks: ReadonlyArray<Ask>
}

export interface Decision {
  /** The balance that was weighed; absent when there has been no reading. */
  readonly available: number | undefined
  /** For each ask, in order: nothing when it was admitted, else what was reserved before it, the line included. */
  readonly short: ReadonlyArray<number | undefined>
  /** All holds that do not wait, after the decision. */
  readonly reserved: number
}

export const empty = (): State => ({ seq: 0, now: 0, reading: undefined, holds: new Map() })

const advance = (state: State, now: number): void => {
  state.now = Math.max(state.now, now)
}

/** A job whose lease ran out may have been charged, so its hold stays; a place in the line does not. */
const expire = (state: State): void => {
  const seq = state.seq + 1
  for (const [id, hold] of state.holds) {
    if (hold.at > state.now) continue
    if (hold.phase === "waiting") state.holds.delete(id)
    else if (hold.phase === "active") {
      state.holds.set(id, { phase: "lost", amount: hold.amount, seq, at: state.now })
      state.seq = seq
    }
  }
}

export const reserved = (state: State): number => {
  let sum = 0
  for (const hold of state.holds.values()) {
    if (hold.phase !== "waiting") sum += hold.amount
  }
  return sum
}

/** Called before a reading is requested. */
export const begin = (state: State, now: number): Ticket => {
  advance(state, now)
  state.seq += 1
  return { seq: state.seq, at: state.now }
}

/** Whether the reading shows all that became of a hold. A lost one's holder gets another lease's time to come back. */
const shows = (reading: Ticket, hold: Hold, rules: Rules): boolean =>
  reading.seq > hold.seq &&
  (hold.phase === "spent"
    ? reading.at >= hold.at + rules.lag
    : hold.phase === "lost" && reading.at >= hold.at + rules.lease + rules.lag)

/** Called when a reading has arrived, for reservations that were asked for before it was requested. */
export const admit = (state: State, now: number, rules: Rules, admission: Admission): Decision => {
  advance(state, now)
  expire(state)
  const { asks, available, margin, ticket } = admission
  if (available !== undefined && ticket.seq > (state.reading?.seq ?? 0)) {
    state.reading = { seq: ticket.seq, at: ticket.at, available }
    for (const [id, hold] of state.holds) {
      if (shows(state.reading, hold, rules)) state.holds.delete(id)
    }
  }

  const line: Array<{ readonly id: string; readonly seq: number; readonly cost: number; readonly index: number }> = []
  asks.forEach(({ cost, id }, index) => {
    const hold = state.holds.get(id)
    line.push({ id, cost, index, seq: hold?.phase === "waiting" ? hold.seq : (state.seq += 1) })
  })
  const mine = new Set(asks.map(({ id }) => id))
  for (const [id, { amount, phase, seq }] of state.holds) {
    if (phase === "waiting" && !mine.has(id)) line.push({ id, seq, cost: amount, index: -1 })
  }
  line.sort((a, b) => a.seq - b.seq)

  const short: Array<number | undefined> = asks.map(() => undefined)
  const balance = state.reading?.available
  const leaseEnd = state.now + rules.lease
  let taken = reserved(state)
  let ahead = 0
  for (const { cost, id, index, seq } of line) {
    const ask = asks[index]
    const hold = state.holds.get(id)
    const held = hold !== undefined && hold.phase !== "waiting"
    if (ask === undefined) {
      // Waits elsewhere, and is decided on by a reading of its own; what it needs is set aside.
      ahead += cost
    } else if (held || available === undefined || (balance !== undefined && balance - taken - ahead - margin >= cost)) {
      // An ask whose last answer got lost has its hold already.
      if (!held) taken += cost
      state.holds.set(id, { phase: "active", amount: cost, seq, at: leaseEnd })
    } else {
      short[index] = taken + ahead
      if (ask.wait) {
        state.holds.set(id, { phase: "waiting", amount: cost, seq, at: leaseEnd })
        ahead += cost
      } else state.holds.delete(id)
    }
  }
  return { available: balance, short, reserved: taken }
}

/**
 * Called after a charge, or when there may have been one. `stated` is what was said before to have been charged: a
 * reading may have shown that much already, so only the rest is held again. A hold that was given up for lost comes back.
 */
export const settle = (state: State, now: number, id: string, amount: number, stated: number): number => {
  advance(state, now)
  state.seq += 1
  const left = state.holds.has(id) ? amount : Math.max(0, amount - stated)
  if (left === 0) state.holds.delete(id)
  else state.holds.set(id, { phase: "spent", amount: left, seq: state.seq, at: state.now })
  return reserved(state)
}

/** Called when nothing was charged and nothing will be. */
export const release = (state: State, now: number, ids: ReadonlyArray<string>): number => {
  advance(state, now)
  for (const id of ids) state.holds.delete(id)
  return reserved(state)
}

/** A sign of life. A job that still runs is held for, also when it was given up for lost or the books were lost. */
export const renew = (
  state: State,
  now: number,
  rules: Rules,
  active: ReadonlyArray<{ readonly id: string; readonly amount: number }>,
  waiting: ReadonlyArray<string>
): void => {
  advance(state, now)
  const at = state.now + rules.lease
  for (const { amount, id } of active) {
    const hold = state.holds.get(id)
    if (hold?.phase !== "spent") state.holds.set(id, { phase: "active", amount, seq: hold?.seq ?? 0, at })
  }
  for (const id of waiting) {
    const hold = state.holds.get(id)
    if (hold?.phase === "waiting") state.holds.set(id, { ...hold, at })
  }
}
