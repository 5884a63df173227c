/**
 * Every order in which things can happen, breadth first, so that a trace is as short as can be. Three promises are
 * looked after in each world: no charge takes the balance below the margin, the books speak of no stranger, and when
 * the faults are over every hold goes and everybody is admitted again.
 */
import { createHash } from "node:crypto"
import type { State } from "../../src/internal/budget/holds.ts"
import { copy, lease, type Rules, type Setting, type World } from "./fleet.ts"
import { moves } from "./moves.ts"
import { admit, begin, conclude, initial } from "./world.ts"

export interface Result {
  /** What happened, when a promise was broken. */
  readonly broken: "overspent" | "limit exceeded" | "false alarm" | "never at rest" | undefined
  readonly trace: ReadonlyArray<string>
  readonly worlds: number
  /** Whether the limit was reached before all worlds were seen. */
  readonly cutOff: boolean
}

interface Node {
  readonly world: World
  readonly what: string
  readonly from: Node | undefined
}

const traceOf = (node: Node): ReadonlyArray<string> => node.from === undefined ? [] : [...traceOf(node.from), node.what]

export const search = (
  rules: Rules,
  setting: Setting,
  { calm = false, limit = 600_000 }: { readonly calm?: boolean; readonly limit?: number } = {}
): Result => {
  const start = initial(rules, setting)
  const seen = new Set([fingerprint(start, rules, setting)])
  let level: ReadonlyArray<Node> = [{ world: start, what: "", from: undefined }]
  while (level.length > 0 && seen.size <= limit) {
    const next: Array<Node> = []
    for (const node of level) {
      for (const { broken, what, world } of moves(node.world, rules, setting)) {
        const child = { what, world, from: node }
        const result = { trace: traceOf(child), worlds: seen.size, cutOff: false }
        if (broken !== undefined) return { broken, ...result }
        const print = fingerprint(world, rules, setting)
        if (seen.has(print)) continue
        seen.add(print)
        if (calm && !comesToRest(world, rules)) return { broken: "never at rest", ...result }
        next.push(child)
      }
    }
    level = next
  }
  return { broken: undefined, trace: [], worlds: seen.size, cutOff: level.length > 0 }
}

/** Faults are over, jobs end; everybody asks in turn, once a tick. */
const comesToRest = (from: World, rules: Rules): boolean => {
  const world = copy(from)
  for (const machine of world.machines) {
    if (machine.job !== undefined) conclude(world, machine, rules, machine.job)
    Object.assign(machine, { phase: "idle", paused: undefined, cut: undefined, job: undefined })
  }
  const available = Math.max(world.balance, 1)
  for (let round = 0; round < 8 * (2 * lease + rules.lag + 1); round++) {
    const well = world.machines.map((machine) => {
      const ticket = begin(world, machine, rules)
      if (ticket === undefined) return false
      const id = `m.${world.ids++}`
      const job = admit(world, machine, rules, { ticket, available, id })
      if (job === undefined) return false
      conclude(world, machine, rules, job)
      return world.books.holds.size === 0
    })
    if (well.every(Boolean)) return true
    world.tick++
  }
  return false
}

/** Gives small numbers to what only has to be told apart, in the order in which it is met. */
const numbering = () => {
  const known = new Map<unknown, number>()
  return (value: unknown): number => {
    const number = known.get(value) ?? known.size
    known.set(value, number)
    return number
  }
}

/** The same for worlds that differ in the names of things, in the order of machines, or in how late it is. */
const fingerprint = (world: World, rules: Rules, setting: Setting): string => {
  const [id, name, server] = [numbering(), numbering(), numbering()]
  const { left, tick } = world
  const clock = tick + world.skew
  const trailOf = ({ gone, recent, top, unsure }: State["trail"], now: number) => [
    gone,
    unsure,
    top?.value,
    recent.map(({ arrived, seq, value }) => [value, seq, Math.max(-rules.lag, arrived - now)])
  ]
  const booksOf = (state: State | undefined) => {
    if (state === undefined || state.name === "") return 0
    // As the next script will find them.
    const behind = clock - state.clock
    const now = state.now + Math.max(0, behind)
    const waitsFor = state.open || rules.windowBy === "asker" ? 0 : Math.max(0, world.namedAt + rules.window - now)
    return [
      server(state.server),
      name(state.name),
      state.open,
      waitsFor,
      now - tick,
      Math.min(behind, left.back > 0 ? setting.jump : 0),
      state.seq,
      state.reading && [state.reading.seq, state.reading.available],
      rules.strangers !== "ignored" && state.trail.of === state.name && trailOf(state.trail, now),
      Array.from(state.holds, ([key, { at, phase, seq }]) => {
        const oldest = phase === "active" ? 0 : -lease - rules.lag
        return [id(key), phase, seq, Math.max(oldest, at - now)]
      })
    ]
  }
  const sketch = (machine: World["machines"][number]) => {
    const { age, asks, cut, job, paused, phase, renewed, shown, ticket } = machine
    return [phase, asks, job?.charged, renewed, paused, cut, age, shown.toSorted(), ticket?.seq].join()
  }
  const machines = world.machines.map((machine) => [sketch(machine), machine] as const)
    .toSorted(([one], [other]) => one < other ? -1 : 1)
    .map(([sketch, { asks, job, known, phase, saw, ticket }]) =>
      phase === "idle" && asks === 0 ? 0 : [
        sketch,
        job && id(job.id),
        ticket && [name(ticket.name), ticket.seq, ticket.at - tick],
        rules.memory && known.name !== "" && [name(known.name), known.seq, known.past.map(name)],
        rules.windowBy === "asker" && saw.name !== "" && [name(saw.name), Math.max(-rules.window, saw.since - tick)]
      ]
    )
  const { node, old } = world
  const now = server(
    rules.server === "nothing" ? "" : rules.server === "run" ? `${node.run}` : `${node.run}/${node.reign}`
  )
  // Periods have a place in time, unlike all else.
  const periods = rules.limit && [
    tick,
    Array.from(world.charged),
    [world.books, world.kept, world.old?.books].map((state) =>
      Array.from(state?.tallies.get("")?.values() ?? [], ({ periods, since }) => [since, Array.from(periods)])
    ),
    world.machines.map(({ job }) => job?.since).toSorted()
  ]
  const all = [
    periods,
    world.skew,
    world.balance,
    world.recent,
    left,
    machines,
    booksOf(world.books),
    booksOf(world.kept),
    old && [server(`${old.run}`), booksOf(old.books)],
    now
  ]
  return createHash("md5").update(JSON.stringify(all)).digest("base64")
}
