import { assert, describe, it } from "@effect/vitest"
import { empty, type State } from "../../src/internal/budget/holds.ts"
import { type Caller, closedFor, enter, type Known, learn, unknown } from "../../src/internal/budget/loss.ts"
import * as books from "../../src/internal/budget/state.ts"
import { none, units } from "../../src/internal/budget/units.ts"
import * as windows from "../../src/internal/budget/window.ts"

const rules = { lease: 9000, lag: 1000 }
const window = closedFor(rules)

/** A store that can be lost, and machines with a memory and a clock of their own. */
class Store {
  state = empty()
  server = "first"
  now = 1_000_000
  /** The store's clock less the machines' own. */
  skew = 0
  #names = 0

  enter(caller: Partial<Caller>): State {
    enter(this.state, {
      clock: this.now + this.skew,
      wall: this.now + this.skew,
      server: this.server,
      fresh: `name ${this.#names++}`,
      waited: "",
      known: unknown,
      newBooks: "closed",
      ...caller
    })
    return this.state
  }
  keep(): () => void {
    const kept = structuredClone(this.state)
    return () => {
      this.state = structuredClone(kept)
    }
  }
}

class Machine {
  readonly #store: Store
  readonly #name: string
  readonly #window: windows.Window
  #known: Known = unknown
  #ids = 0
  readonly jobs = new Map<string, number>()

  constructor(store: Store, name: string) {
    this.#store = store
    this.#name = name
    this.#window = windows.make(window, () => store.now)
  }
  #do<A>(operation: (state: State) => A): A {
    const state = this.#store.enter({ waited: this.#window.waited(), known: this.#known })
    const result = operation(state)
    this.#known = learn(this.#known, state.name, state.seq)
    this.#window.heard(state.name, state.open)
    return result
  }
  begin() {
    return this.#do(books.begin)
  }
  /** Whether it was admitted; nothing when the books did not decide. */
  ask(cost: number, available: number, ticket: books.Ticket | undefined = this.begin()): boolean | undefined {
    if (ticket === undefined) return undefined
    const id = `${this.#name}.${this.#ids++}`
    const decision = this.#do((state) =>
      books.admit(state, rules, {
        machine: this.#name,
        most: 10,
        ticket,
        available: units(available),
        margin: none,
        asks: [{ id, cost: units(cost), label: undefined, wait: false }],
        limits: []
      })
    )
    if (decision === undefined) return undefined
    const admitted = decision.short[0] === undefined
    if (admitted) this.jobs.set(id, cost)
    return admitted
  }
  renew() {
    const active = Array.from(this.jobs, ([id, cost]) => ({ id, amount: units(cost), label: undefined, since: 0 }))
    this.#do((state) => books.renew(state, rules, active, []))
  }
}

/** Lets time pass, with a sign of life of each machine every third of a lease. */
const pass = (store: Store, millis: number, ...machines: ReadonlyArray<Machine>) => {
  for (let left = millis; left > 0; left -= 3000) {
    store.now += Math.min(3000, left)
    for (const machine of machines) machine.renew()
  }
}

/** A fleet whose books are open. */
const running = (...names: ReadonlyArray<string>) => {
  const store = new Store()
  store.enter({ newBooks: "open" })
  return { store, machines: names.map((name) => new Machine(store, name)) }
}

describe("books that are lost", () => {
  it("admit nobody for two leases and the lag, and then exactly what is left", () => {
    const { machines: [one, other], store } = running("one", "other")
    if (one === undefined || other === undefined) return assert.fail()
    const rollback = store.keep()
    assert.isTrue(one.ask(60, 100))
    rollback()
    store.server = "second"
    assert.isUndefined(other.ask(60, 100))
    pass(store, window - 1, one)
    assert.isUndefined(other.ask(1, 100))
    pass(store, 1, one)
    assert.isFalse(other.ask(60, 100))
    assert.isTrue(other.ask(40, 100))
  })

  it("hold up a machine that is alone too, and keep its own jobs in mind", () => {
    const { machines: [alone], store } = running("alone")
    if (alone === undefined) return assert.fail()
    const rollback = store.keep()
    assert.isTrue(alone.ask(60, 100))
    rollback()
    store.server = "second"
    assert.isUndefined(alone.ask(60, 100))
    pass(store, window, alone)
    assert.isFalse(alone.ask(60, 100))
    assert.strictEqual(new Set(alone.jobs.keys()).size, 1)
    assert.isTrue(alone.ask(40, 100))
  })

  it("are closed also when a machine asks first that has never seen them", () => {
    const { machines: [old], store } = running("old")
    if (old === undefined) return assert.fail()
    assert.isTrue(old.ask(60, 100))
    store.state = empty()
    const newcomer = new Machine(store, "new")
    assert.isUndefined(newcomer.ask(60, 100))
    pass(store, window, old)
    assert.isFalse(newcomer.ask(60, 100))
    assert.isTrue(newcomer.ask(40, 100))
  })

  it("take no reading that was requested before, so that the next ones count", () => {
    const { machines: [one, other], store } = running("one", "other")
    if (one === undefined || other === undefined) return assert.fail()
    const rollback = store.keep()
    for (let asked = 0; asked < 450; asked++) one.begin()
    const early = one.begin()
    rollback()
    store.server = "second"
    assert.isUndefined(one.ask(1, 100, early))
    pass(store, window, one)
    assert.isUndefined(one.ask(1, 100, early))
    assert.isTrue(other.ask(1, 100))
    assert.strictEqual(store.state.reading?.available, units(100))
    assert.isFalse(other.ask(50, 40), "the next reading is taken over, and not ignored as an older one")
    assert.strictEqual(store.state.reading?.available, units(40))
  })

  it("open for all when one machine has waited, whatever the store's clock does meanwhile", () => {
    const { machines: [one, other], store } = running("one", "other")
    if (one === undefined || other === undefined) return assert.fail()
    store.server = "second"
    assert.isUndefined(one.ask(1, 100))
    store.skew += 3_600_000
    assert.isUndefined(one.ask(1, 100))
    pass(store, window)
    assert.isUndefined(other.ask(1, 100), "it has only just heard of it")
    assert.isTrue(one.ask(1, 100))
    assert.isTrue(other.ask(1, 100))
  })

  it("are noticed when somebody restores older ones, by a machine that has seen more", () => {
    const { machines: [one, other], store } = running("one", "other")
    if (one === undefined || other === undefined) return assert.fail()
    const restore = store.keep()
    assert.isTrue(one.ask(60, 100))
    restore()
    one.renew()
    assert.strictEqual(store.state.why, "older")
    assert.isUndefined(other.ask(60, 100))
    // Also when they have had another name in between.
    store.state = empty()
    one.renew()
    restore()
    one.renew()
    assert.strictEqual(store.state.why, "older")
    assert.isFalse(store.state.open)
  })
})

describe("the time of the books", () => {
  it("runs on when a clock that was ahead is put right, so that what a dead machine held goes", () => {
    const { machines: [dead, other], store } = running("dead", "other")
    if (dead === undefined || other === undefined) return assert.fail()
    store.skew = 3_600_000
    assert.isTrue(dead.ask(60, 100))
    store.skew = 0
    other.begin()
    pass(store, rules.lease)
    assert.isFalse(other.ask(60, 100))
    pass(store, rules.lease + rules.lag)
    assert.isTrue(other.ask(60, 100))
  })
})

describe("the window of a machine", () => {
  it("begins anew with each name, and is forgotten with books that are open", () => {
    let now = 0
    const seen = windows.make(100, () => now)
    assert.deepEqual([seen.waited(), seen.left()], ["", 0])
    seen.heard("a", false)
    now = 99
    seen.heard("a", false)
    assert.deepEqual([seen.waited(), seen.left()], ["", 1])
    now = 100
    assert.deepEqual([seen.waited(), seen.left()], ["a", 0])
    seen.heard("b", false)
    assert.deepEqual([seen.waited(), seen.left()], ["", 100])
    seen.heard("b", true)
    now = 1000
    assert.deepEqual([seen.waited(), seen.left()], ["", 0])
  })
})
