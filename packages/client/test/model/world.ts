/**
 * A fleet, a vendor and a Redis in miniature, for the search in `search.ts`. The books are the real ones: every script
 * that a machine runs here is `loss.ts` and `state.ts`.
 *
 * - The vendor has a balance. A job is charged 1 at any moment while it runs. A reading shows any balance between `lag`
 *   before its request and its arrival.
 * - The store runs one script at a time. It can be restarted with all its data, with an older snapshot, or empty; a
 *   replica that lags can be promoted, and the old master again; the books can vanish or be restored by hand; its clock
 *   can jump.
 * - Nobody else spends, so the books must not say that somebody does; a top-up of 1 can come at any moment.
 * - Machines ask (a number for the reading, the reading, the admission, its answer), run a job, renew its hold once a
 *   tick, settle or release it, die, are paused, or cut off from the store while the job goes on. Answers and commands
 *   get lost. A machine that died comes back without memory.
 *
 * Time is in ticks. A lease is 3, a machine that is well renews once in each, and an answer takes at most `answer`.
 * Assumed: a job costs at most the 1 that it reserved, and says so; a dead machine's jobs are charged no more.
 * Left out: places in the line, which hold nothing, and two servers that take writes at the same time.
 */
import { empty, type State } from "../../src/internal/budget/holds.ts"
import { closedFor, enter, type Known, learn, unknown } from "../../src/internal/budget/loss.ts"
import * as books from "../../src/internal/budget/state.ts"
import { none, units } from "../../src/internal/budget/units.ts"

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
}

interface Job {
  readonly id: string
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
  trail: { ...state.trail }
})

export const copy = (world: World): World => ({
  ...world,
  recent: [...world.recent],
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

const unmarked = { label: undefined, since: 0 }

const serverOf = ({ node }: World, rules: Rules): string =>
  rules.server === "nothing" ? "" : rules.server === "run" ? `${node.run}` : `${node.run}/${node.reign}`

/** One script: it enters the books first, and its answer says which ones they are. */
const script = <A>(world: World, machine: Machine, rules: Rules, operation: (state: State) => A): A => {
  const state = world.books
  const before = state.name
  const { saw } = machine
  const waits = rules.windowBy === "asker" && saw.name !== "" && world.tick - saw.since >= rules.window
  enter(state, {
    clock: world.tick + world.skew,
    wall: world.tick + world.skew,
    server: serverOf(world, rules),
    fresh: `n${world.names++}`,
    waited: waits ? saw.name : "",
    known: rules.memory ? machine.known : unknown,
    newBooks: rules.newBooks
  })
  if (state.name !== before) world.namedAt = state.now
  if (rules.windowBy === "store" && state.now >= world.namedAt + rules.window) state.open = true
  if (state.open) machine.saw = { name: "", since: 0 }
  else if (saw.name !== state.name) machine.saw = { name: state.name, since: world.tick }
  const result = operation(state)
  machine.known = learn(machine.known, state.name, state.seq)
  return result
}

export const begin = (world: World, machine: Machine, rules: Rules): books.Ticket | undefined =>
  script(world, machine, rules, books.begin)

export const admit = (
  world: World,
  machine: Machine,
  rules: Rules,
  { available, id, ticket }: { readonly available: number; readonly id: string; readonly ticket: books.Ticket }
): boolean =>
  script(world, machine, rules, (state) => {
    if (rules.strangers === "never anew") state.trail = { ...state.trail, of: state.name }
    const decision = books.admit(state, { lease, lag: rules.lag }, {
      machine: "m",
      most: 1,
      ticket: rules.namedTickets ? ticket : { ...ticket, name: state.name },
      available: units(available),
      margin: none,
      asks: [{ id, cost: units(1), label: undefined, wait: false }],
      limits: []
    })
    const { trail } = state
    if (rules.strangers === "lost counts") trail.unsure = none
    if (rules.strangers === "unordered") {
      trail.recent = Array.from(trail.recent, (level) => ({ ...level, seq: 0, arrived: -9 }))
    }
    if (rules.strangers !== "ignored" && decision?.unexplained !== undefined) world.alarm = true
    return decision !== undefined && decision.short[0] === undefined
  })

export const renew = (world: World, machine: Machine, rules: Rules, { id }: Job): void =>
  script(world, machine, rules, (state) => {
    books.renew(state, { lease, lag: rules.lag }, [{ id, amount: units(1), ...unmarked }], [])
  })

/** Says what became of a job: nothing more is charged. */
export const conclude = (world: World, machine: Machine, rules: Rules, { charged, id }: Job): void =>
  script(world, machine, rules, (state) => {
    if (charged) books.settle(state, id, units(1), none, unmarked)
    else books.release(state, [id])
  })

/** The books are open and nobody has spoken yet, unless the start is cold. */
export const initial = (rules: Rules, setting: Setting): World => {
  const asksOf = (machine: number) => typeof setting.asks === "number" ? setting.asks : setting.asks[machine] ?? 0
  const world: World = {
    tick: 0,
    alarm: false,
    skew: 0,
    balance: setting.balance,
    recent: [setting.balance],
    books: empty(),
    namedAt: 0,
    kept: undefined,
    old: undefined,
    node: { run: 0, reign: 0 },
    runs: 1,
    names: 0,
    ids: 0,
    left: { ...setting },
    machines: Array.from({ length: setting.machines }, (_, machine) => newMachine(asksOf(machine)))
  }
  if (!setting.cold) script(world, newMachine(0), { ...rules, newBooks: "open" }, () => undefined)
  return world
}
