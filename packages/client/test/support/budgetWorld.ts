/**
 * A hostile world around the books of a budget: a vendor that answers late and with an old balance, jobs that charge
 * when it suits least, machines that die, a store that loses the books or brings back older ones. It keeps the truth
 * and complains when the books lead to overspending.
 */
import { assert } from "@effect/vitest"
import { empty, free, type State } from "../../src/internal/budget/holds.ts"
import { type Mark, mostPeriods } from "../../src/internal/budget/tallies.ts"
import { closedFor, enter, learn, unknown } from "../../src/internal/budget/loss.ts"
import { covers, type Limit } from "../../src/internal/budget/limits.ts"
import * as books from "../../src/internal/budget/state.ts"
import { none, units } from "../../src/internal/budget/units.ts"
import type { Fault, History, Step } from "./budgetHistory.ts"
import { StrangerWatch } from "./strangerWatch.ts"

interface Job extends Mark {
  readonly id: string
  readonly cost: number
  charged: number
  /** What the job has said that it was charged, and that this is all. */
  stated: number | undefined
}

interface Waiting extends books.Ask, Mark {
  readonly machine: number
  /** Whether the store is known to have its place. */
  known: boolean
}

export type Books = Pick<typeof books, "begin" | "admit" | "settle" | "release" | "renew"> & {
  readonly enter: typeof enter
  readonly free: typeof free
  /** Told after the store has lost or changed what it had. */
  readonly fault: (state: State, kind: Fault) => void
}
const inMemory: Books = { ...books, enter, free, fault: () => undefined }

export class World {
  readonly state = empty()
  readonly #books: Books
  readonly #rules: books.Rules
  readonly #margin: number
  #limits: ReadonlyArray<Limit>
  /** The furthest that the store's clock has been, and had been when the store lost something. */
  #furthest = 0
  #lostAt = 0
  /** What was charged to jobs, by limit and by the beginning of the period in which they were admitted. */
  readonly #charged = new Map<string, number>()
  /** How old a balance the vendor may show. */
  readonly #lag: number
  /** Later than any real clock, so that a store with a clock of its own can be made to follow this one. */
  #now = 4_000_000_000_000
  #balance: number
  readonly #past: Array<readonly [at: number, balance: number]>
  #requests: Array<books.Ticket & { readonly oldest: number }> = []
  #jobs: Array<Job> = []
  /** In the order in which they came. */
  #line: Array<Waiting> = []
  readonly #released: Array<string> = []
  #count = 0
  /** What the fleet remembers of the books, by its own clock. */
  #known = unknown
  #closed = { name: "", since: 0 }
  #server = 0
  /** How far the store's clock is behind. */
  #behind = 0
  #snapshot: State | undefined
  /** Whether the store has lost something that nobody has noticed yet. */
  #unnoticed = false
  /** Holds that came back with an older state: nobody has given them up since. */
  readonly #revived = new Set<string>()
  /** The books that the latest reading was taken over by. */
  #read = ""
  readonly #stranger: StrangerWatch
  /** Places that an operator has freed. */
  readonly #leaving = new Set<string>()
  /** Jobs whose holds an operator has freed, and ids of which the fleet has heard that they are freed. */
  readonly #freed = new Set<string>()
  readonly #told = new Set<string>()

  constructor({ balance, limits, margin, rules }: History, lag = rules.lag, through: Books = inMemory) {
    this.#books = through
    this.#rules = rules
    this.#margin = margin
    this.#limits = limits
    this.#lag = lag
    this.#balance = balance
    this.#past = [[Number.NEGATIVE_INFINITY, balance]]
    this.#stranger = new StrangerWatch(rules.lag)
  }

  run(step: Step): void {
    switch (step.do) {
      case "request":
        this.#request()
        break
      case "arrive":
        this.#arrive(step)
        break
      case "charge": {
        const job = this.#jobs[step.pick % this.#jobs.length]
        if (job !== undefined && job.charged === 0 && job.stated === undefined) {
          job.charged = Math.floor((job.cost * step.share) / 100)
          this.#change(-job.charged)
          this.#charge(job)
        }
        break
      }
      case "say": {
        const job = this.#jobs[step.pick % this.#jobs.length]
        if (job === undefined) break
        this.#do(() => this.#books.settle(this.state, job.id, units(job.charged), units(job.stated ?? 0), job))
        if (this.#freed.has(job.id)) this.#note("said too much", job.charged)
        job.stated = job.charged
        break
      }
      case "end": {
        const job = take(this.#jobs, step.pick)
        if (job === undefined || job.stated !== undefined) break
        if (step.certain && job.charged === 0) this.#release(job.id)
        else {
          const amount = units(step.certain ? job.charged : job.cost)
          this.#note("said too much", this.#freed.has(job.id) ? amount : amount - job.charged)
          this.#do(() => this.#books.settle(this.state, job.id, amount, none, job))
        }
        break
      }
      case "die":
        // The machine says nothing more, of a job or of a place in line.
        if (step.pick % 3 === 0) this.#note("unsure", take(this.#line, step.pick)?.cost ?? 0)
        else if (this.#freed.size === 0) this.#note("unsure", take(this.#jobs, step.pick)?.cost ?? 0)
        break
      case "leave": {
        const ask = take(this.#line, step.pick)
        if (ask !== undefined) this.#release(ask.id)
        break
      }
      case "topUp":
        this.#change(step.credits)
        this.#note("came in", step.credits)
        break
      case "steal":
        this.#change(-step.credits)
        this.#note("stolen", step.credits)
        break
      case "free":
        this.#free(step.pick)
        break
      case "pass":
        this.#pass(step.millis)
        break
      case "fault":
        this.#fault(step.kind)
        break
    }
    this.#check()
  }

  /** Every operation enters the books first, and tells the fleet which ones they are. */
  #do<A>(operation: () => A): A {
    this.#furthest = Math.max(this.#furthest, this.#now - this.#behind)
    const waits = this.#now - this.#closed.since >= closedFor(this.#rules)
    this.#books.enter(this.state, {
      clock: this.#now - this.#behind,
      wall: this.#now - this.#behind,
      server: `server ${this.#server}`,
      fresh: `name ${this.#count++}`,
      waited: waits ? this.#closed.name : "",
      known: this.#known,
      newBooks: "open"
    })
    const result = operation()
    const { name, open, seq } = this.state
    this.#unnoticed = false
    this.#known = learn(this.#known, name, seq)
    if (open) this.#closed = { name: "", since: 0 }
    else if (this.#closed.name !== name) this.#closed = { name, since: this.#now }
    return result
  }

  #fault(kind: Fault): void {
    if (kind === "keep") this.#snapshot = structuredClone(this.state)
    else if (kind === "clock back") this.#behind += 2000
    else if (kind === "restart") this.#server++
    else {
      if (kind !== "vanish" && this.#snapshot === undefined) return
      if (kind === "rollback") this.#server++
      Object.assign(this.state, structuredClone(kind === "vanish" ? empty() : this.#snapshot))
      this.#unnoticed = true
      this.#lostAt = this.#furthest
      for (const [id, { amount }] of this.state.holds) {
        this.#revived.add(id)
        this.#note("unsure", amount)
      }
    }
    this.#books.fault(this.state, kind)
  }

  /** All comes to rest; then one reading shows everything, nothing is held, and what is there can be spent. */
  settleDown(): void {
    while (this.#jobs.length > 0) this.run({ do: "end", pick: 0, certain: true })
    while (this.#line.length > 0) this.run({ do: "leave", pick: 0 })
    const look = { do: "arrive", pick: 0, age: 0, machine: 0, missed: false, asks: [] } as const
    const { lag, lease } = this.#rules
    // Books that are closed open; what nobody speaks for is found to be lost; and then it is gone.
    for (const span of [0, closedFor(this.#rules), lease, lease + lag]) {
      this.#pass(span)
      this.#requests = []
      this.run(look)
    }
    assert.strictEqual(this.state.holds.size, 0, "every hold is gone")
    this.#limits = []
    const cost = this.#balance - this.#margin
    this.run({ ...look, asks: [{ cost: Math.max(0, cost), label: undefined, wait: false }] })
    assert.strictEqual(this.state.holds.size, cost >= 0 ? 1 : 0, "all that is left can be spent, and no more")
  }

  #request(): void {
    const ticket = this.#do(() => this.#books.begin(this.state, this.#limits))
    if (ticket === undefined) return
    const oldest = this.#lag === 0
      ? this.#past.length - 1
      : this.#past.findLastIndex(([at]) => at <= this.#now - this.#lag)
    this.#requests.push({ ...ticket, oldest })
  }

  #arrive({ age, asks: wishes, machine, missed, pick }: Extract<Step, { do: "arrive" }>): void {
    if (this.#requests.length === 0) this.#request()
    const come = wishes.map(({ cost, label, wait }): Waiting => ({
      cost: units(cost),
      label,
      since: this.#now - this.#behind,
      wait,
      machine,
      id: `${machine}.${this.#count++}`,
      known: false
    }))
    const request = take(this.#requests, pick)
    // The books are closed.
    if (request === undefined) return
    const span = this.#past.length - 1 - request.oldest
    const seen = this.#past[request.oldest + Math.floor((span * (100 - age)) / 100)] ?? assert.fail("it has a past")
    this.#line.push(...come)
    const open = this.#jobs.filter((job) => isOpen(job) && !this.#freed.has(job.id) && job.id.startsWith(`${machine}.`))
    const lost = missed
      ? open.slice(0, 1).map(({ cost, id, label }) => ({ cost: units(cost), id, label, wait: true }))
      : []
    const asks = this.#line.filter((ask) => ask.machine === machine && !ask.known)
    const admission = {
      machine: String(machine),
      ticket: request,
      available: units(seen[1]),
      margin: units(this.#margin),
      limits: this.#limits
    }
    const leave = (admitted: ReadonlyArray<Waiting>, since = 0) => {
      this.#jobs.push(
        ...admitted.map(({ cost, id, label }) => ({ cost, id, label, since, charged: 0, stated: undefined }))
      )
      this.#line = this.#line.filter((ask) => !admitted.includes(ask) && (ask.wait || !come.includes(ask)))
    }
    let more = true
    for (let round = 0; more; round++) {
      const passed = round === 0 ? [...asks, ...lost] : []
      const decision = this.#do(() =>
        this.#books.admit(this.state, this.#rules, { ...admission, asks: passed, most: 2 })
      )
      if (decision === undefined) return leave([])
      if (round === 0 && this.state.reading?.seq === request.seq && this.#lag === this.#rules.lag) {
        const taken = [
          ...decision.admitted,
          ...asks.flatMap(({ id }, index) => decision.short[index] === undefined ? [id] : [])
        ]
        const held = taken.reduce<number>((sum, id) => sum - (this.state.holds.get(id)?.amount ?? 0), decision.reserved)
        this.#stranger.read({
          books: this.state.name,
          requested: request.seq,
          arrived: this.state.seq,
          requestedAt: request.at,
          arrivedAt: this.state.now,
          oldest: request.oldest,
          latest: this.#past.length - 1,
          nothingHeld: held === 0,
          unexplained: decision.unexplained?.amount ?? 0
        })
      } else assert.isUndefined(this.#lag === this.#rules.lag ? decision.unexplained : undefined)
      this.#read = this.state.name
      if (round === 0) assert.isUndefined(decision.short[asks.length], "who was admitted stays admitted")
      const moved = decision.admitted.flatMap((id) => this.#line.filter((ask) => ask.id === id))
      assert.isTrue(moved.every((ask) => ask.machine === machine), "a machine is told of its own places")
      const admitted = [...moved, ...round > 0 ? [] : asks.filter((_, index) => decision.short[index] === undefined)]
      // Places are taken with the first decision.
      if (round === 0) this.#line = [...this.#line.filter((ask) => !asks.includes(ask)), ...asks]
      for (const ask of round > 0 ? [] : asks) ask.known = ask.wait
      const last = this.#line.findLastIndex((ask) => admitted.includes(ask))
      const stopped = ({ label }: Waiting) => decision.stops.some(({ limit }) => covers(limit, label))
      const ahead = this.#line.filter((ask, index) =>
        index < last && ask.known && !admitted.includes(ask) && !stopped(ask) && !this.#leaving.has(ask.id)
      )
      if (ahead.length > 0 && this.#revived.size === 0) {
        const free = (decision.available ?? 0) - decision.reserved - this.#margin
        assert.isAtLeast(free, ahead.reduce((sum, { cost }) => sum + cost, 0), "nobody overtakes")
      }
      leave(admitted, decision.since)
      more = decision.more
    }
  }

  #release(id: string): void {
    this.#do(() => this.#books.release(this.state, [id]))
    this.#released.push(id)
  }

  #pass(millis: number): void {
    const pause = this.#rules.lease / 4
    for (let left = millis; left > 0; left -= pause) {
      this.#now += Math.min(left, pause)
      // A renewal may cross with what the job says.
      const alive = this.#jobs.filter((job) =>
        !this.#told.has(job.id) && (isOpen(job) || this.state.holds.get(job.id)?.phase === "spent")
      )
      const places = this.#line.filter(({ known }) => known)
      const told = this.#do(() => this.#books.renew(this.state, this.#rules, alive.map(held), places.map(held)))
      for (const id of told) this.#told.add(id)
      this.#line = this.#line.filter(({ id }) => !told.includes(id))
    }
  }

  /** A place in the line, or the hold of a job that runs. */
  #free(pick: number): void {
    const places = this.#line.filter(({ known }) => known)
    const jobs = this.#jobs.filter(isOpen)
    const { id } = [...places, ...jobs][pick % Math.max(1, places.length + jobs.length)] ?? {}
    if (id === undefined) return
    const freed = this.#do(() => this.#books.free(this.state, id))
    if (freed?.phase === "waiting") this.#leaving.add(id)
    if (freed === undefined || freed.phase === "waiting") return
    this.#freed.add(id)
    this.#note("unsure", freed.amount)
  }

  #note(kind: Parameters<StrangerWatch["add"]>[0], credits: number): void {
    this.#stranger.add(kind, credits, this.#past.length - 1)
  }

  /** No period's charges exceed a limit that has counted since the period began. */
  #charge({ charged, label, since }: Job): void {
    if (this.#freed.size > 0) return
    const { namedAt, tallies } = this.state
    for (const [index, limit] of this.#limits.entries()) {
      if (!covers(limit, label)) continue
      const start = Math.floor(since / limit.every) * limit.every
      const key = `${index} ${start}`
      const total = (this.#charged.get(key) ?? 0) + charged
      this.#charged.set(key, total)
      const tally = tallies.get(limit.label ?? "")?.get(limit.every)
      if (tally === undefined || start <= Math.max(tally.since, namedAt, this.#lostAt) || this.#unnoticed) continue
      assert.isAtMost(total, limit.credits, "the charges of a period stay within its limit")
      const counted = tally.periods.size < mostPeriods ? tally.periods.get(start)?.all ?? 0 : total
      assert.isAtLeast(counted, total, "no charge is left out")
    }
  }

  #change(credits: number): void {
    this.#balance += credits
    this.#past.push([this.#now, this.#balance])
  }

  #check(): void {
    const initial = this.#past[0]?.[1] ?? 0
    const isSafe = this.#freed.size === 0 && !this.#stranger.hasStranger
    if (isSafe) {
      assert.isAtLeast(this.#balance, Math.min(initial, this.#margin), "the balance is never below the margin")
    }
    const { holds, open, reading, reserved, waiting } = this.state
    const of = (waits: boolean) =>
      Array.from(holds.values()).reduce(
        (sum, { amount, phase }) => (phase === "waiting") === waits ? sum + amount : sum,
        0
      )
    assert.deepEqual([reserved, waiting], [of(false), of(true)], "the running totals are the sums")
    if (this.#unnoticed || !open) return
    // What a freed job has said counts again.
    const isWhole = !this.#jobs.some((job) => isOpen(job) && this.#freed.has(job.id)) && !this.#stranger.hasStranger
    if (isWhole && reading !== undefined && this.#read === this.state.name) {
      const yetToCharge = this.#jobs.filter(isOpen).reduce((sum, { charged, cost }) => sum + cost - charged, 0)
      const counted = reading.available - reserved
      assert.isAtLeast(this.#balance - yetToCharge, counted, "the books never show more than is free")
    }
    for (const { cost, id, label, since } of this.#jobs.filter(isOpen)) {
      if (this.#freed.has(id)) continue
      const hold = holds.get(id)
      // One that came back with an older lease may be lost, and so still counts, until its machine renews it.
      const phase = hold?.phase === "lost" && this.#revived.has(id) ? "lost" : "active"
      const [known, truth] = [[hold?.phase, hold?.amount, hold?.label, hold?.since], [phase, cost, label, since]]
      assert.deepEqual(known, truth, "a job that runs is held for")
    }
    const said = this.#jobs.filter((job) =>
      !isOpen(job) && holds.get(job.id)?.phase === "active" && !this.#revived.has(job.id)
    )
    assert.deepEqual(said, [], "what a job has said stays said")
    assert.isUndefined(this.#released.find((id) => holds.has(id) && !this.#revived.has(id)), "what is released is gone")
    const known = this.#line.filter(({ id }) => holds.has(id))
    const places = known.toSorted((one, other) => (holds.get(one.id)?.seq ?? 0) - (holds.get(other.id)?.seq ?? 0))
    assert.deepEqual(places, known, "everybody keeps their place")
    assert.deepEqual([...this.state.line].filter((id) => known.some((ask) => ask.id === id)), known.map(({ id }) => id))
  }
}

const held = ({ cost, id, label, since }: Mark & { readonly cost: number; readonly id: string }) => ({
  id,
  amount: units(cost),
  label,
  since
})

const isOpen = ({ stated }: Job): boolean => stated === undefined

const take = <A>(from: Array<A>, pick: number): A | undefined => from.splice(pick % Math.max(1, from.length), 1)[0]
