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
import { enter, learn, unknown } from "../../src/internal/budget/loss.ts"
import * as books from "../../src/internal/budget/state.ts"
import { none, units } from "../../src/internal/budget/units.ts"
import { type Job, lease, type Machine, newMachine, type Rules, type Setting, type World } from "./fleet.ts"

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
  script(world, machine, rules, (state) => books.begin(state, rules.limit && [rules.limit]))

export const admit = (
  world: World,
  machine: Machine,
  rules: Rules,
  { available, id, ticket }: { readonly available: number; readonly id: string; readonly ticket: books.Ticket }
): Job | undefined =>
  script(world, machine, rules, (state) => {
    if (rules.strangers === "never anew") state.trail = { ...state.trail, of: state.name }
    const decision = books.admit(state, { lease, lag: rules.lag }, {
      machine: "m",
      most: 1,
      ticket: rules.namedTickets ? ticket : { ...ticket, name: state.name },
      available: units(available),
      margin: none,
      asks: [{ id, cost: units(1), label: undefined, wait: false }],
      limits: rules.limit ? [{ ...rules.limit, given: rules.limit.credits, credits: units(rules.limit.credits) }] : []
    })
    const { trail } = state
    if (rules.strangers === "lost counts") trail.unsure = none
    if (rules.strangers === "unordered") {
      trail.recent = Array.from(trail.recent, (level) => ({ ...level, seq: 0, arrived: -9 }))
    }
    if (rules.strangers !== "ignored" && decision?.unexplained !== undefined) world.alarm = true
    const isAdmitted = decision !== undefined && decision.short[0] === undefined
    return isAdmitted ? { id, since: decision.since, charged: false } : undefined
  })

export const renew = (world: World, machine: Machine, rules: Rules, { id, since }: Job): void =>
  script(world, machine, rules, (state) => {
    books.renew(state, { lease, lag: rules.lag }, [{ id, amount: units(1), label: undefined, since }], [])
  })

/** Says what became of a job: nothing more is charged. */
export const conclude = (world: World, machine: Machine, rules: Rules, { charged, id, since }: Job): void =>
  script(world, machine, rules, (state) => {
    if (charged) books.settle(state, id, units(1), none, { label: undefined, since })
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
    charged: new Map(),
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
