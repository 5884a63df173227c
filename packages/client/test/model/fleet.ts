/** What a world is made of: rules, settings, machines, and how a world is copied. */
import type { State } from "../../src/internal/budget/holds.ts"
import type { Named } from "../../src/internal/budget/limits.ts"
import { closedFor, type Known, unknown } from "../../src/internal/budget/loss.ts"
import type * as books from "../../src/internal/budget/state.ts"
import type { Tally } from "../../src/internal/budget/tallies.ts"

/** What is promised, and by which a control can fall short of it. */
export interface Rules {
  /** What tells a server from others: nothing, its `run_id`, or that and its `master_replid`. */
  readonly server: "nothing" | "run" | "reign"
  /** Whether a reading is refused whose books were lost meanwhile. */
  readonly namedTickets: boolean
  /** Whether machines remember how far they have seen the books. */
  readonly memory: boolean
  readonly newBooks: "closed" | "open"
  readonly lag: number
  /** Ticks for which nobody is admitted after a loss. */
  readonly window: number
  /** By whose clock. */
  readonly windowBy: "asker" | "store"
  /** An answer that is older starts no job. */
  readonly lateAnswer: number
  /** A limit for all, of so many credits in so many ticks. Then it alone is looked at. */
  readonly limit?: Named & { readonly credits: number }
  /**
   * Whether it is looked at what the books say of spending that nobody explains. Without one of its rules: a reading
   * counts at once, the trail goes on after a loss, or what was lost with its machine raises it.
   */
  readonly strangers: "ignored" | "watched" | "unordered" | "never anew" | "lost counts"
}
export const lease = 3

export const promised = (lag = 0): Rules => ({
  server: "reign",
  namedTickets: true,
  memory: false,
  newBooks: "closed",
  lag,
  window: closedFor({ lease, lag }),
  windowBy: "asker",
  lateAnswer: 1,
  strangers: "ignored"
})

/** How often each thing may happen. */
export interface Events {
  readonly snapshot: number
  readonly restart: number
  readonly rollback: number
  readonly wipe: number
  readonly vanish: number
  readonly restore: number
  readonly promote: number
  readonly failback: number
  readonly ahead: number
  readonly back: number
  readonly cut: number
  readonly pause: number
  readonly die: number
  readonly lostAnswer: number
  readonly lostCommand: number
  readonly topUp: number
}

export interface Setting extends Events {
  readonly balance: number
  readonly machines: number
  /** Questions of each machine, or of all alike. */
  readonly asks: number | ReadonlyArray<number>
  /** Longest reading, longest answer, longest time without the store, in ticks. */
  readonly slowReading: number
  readonly answer: number
  readonly silence: number
  /** Ticks by which the store's clock jumps. */
  readonly jump: number
  /** Whether a machine can be paused between the answer and the job. */
  readonly pauseAnswer: boolean
  readonly cold: boolean
  /** Time ends with this tick, so that all that happens in some periods can be seen. */
  readonly until?: number
}

export interface Job {
  readonly id: string
  /** When it was admitted, by the store. */
  readonly since: number
  charged: boolean
}

export interface Machine {
  phase: "idle" | "reading" | "answer" | "job"
  asks: number
  known: Known
  saw: { name: string; since: number }
  ticket: books.Ticket | undefined
  /** Balances that the reading may show. */
  shown: Array<number>
  /** Ticks since the request or the admission. */
  age: number
  job: Job | undefined
  renewed: boolean
  paused: number | undefined
  cut: number | undefined
}

export interface World {
  tick: number
  /** The books speak of a stranger. There is none. */
  alarm: boolean
  /** The store's clock less the tick. */
  skew: number
  balance: number
  /** Balances in this tick. */
  recent: Array<number>
  /** What was charged to jobs, by the beginning of the period in which they were admitted. */
  charged: Map<number, number>
  books: State
  /** By the time of the books: when they were given their name. */
  namedAt: number
  kept: State | undefined
  /** The master that was replaced. */
  old: { readonly run: number; readonly books: State } | undefined
  node: { run: number; reign: number }
  runs: number
  names: number
  ids: number
  left: Events
  machines: Array<Machine>
}

export const newMachine = (asks: number): Machine => ({
  phase: "idle",
  asks,
  known: unknown,
  saw: { name: "", since: 0 },
  ticket: undefined,
  shown: [],
  age: 0,
  job: undefined,
  renewed: true,
  paused: undefined,
  cut: undefined
})

export const copyBooks = (state: State): State => ({
  ...state,
  holds: new Map(state.holds),
  line: new Set(state.line),
  leases: new Set(state.leases),
  spent: new Set(state.spent),
  lost: new Set(state.lost),
  freed: new Map(state.freed),
  tallies: new Map(
    Array.from(state.tallies, ([label, kept]) => [
      label,
      new Map(
        Array.from(kept, ([every, tally]): [number, Tally] => [every, { ...tally, periods: new Map(tally.periods) }])
      )
    ])
  ),
  trail: { ...state.trail }
})

export const copy = (world: World): World => ({
  ...world,
  recent: [...world.recent],
  charged: new Map(world.charged),
  books: copyBooks(world.books),
  kept: world.kept && copyBooks(world.kept),
  node: { ...world.node },
  left: { ...world.left },
  machines: world.machines.map((machine) => ({
    ...machine,
    saw: { ...machine.saw },
    shown: [...machine.shown],
    job: machine.job && { ...machine.job }
  }))
})
