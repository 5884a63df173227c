/** What can happen around the books of a budget, and random histories of it. */
import * as fc from "fast-check"
import type { Limit } from "../../src/internal/budget/limits.ts"
import type * as books from "../../src/internal/budget/state.ts"
import { units } from "../../src/internal/budget/units.ts"

export type Step =
  | { readonly do: "request" }
  | {
    readonly do: "arrive"
    readonly pick: number
    readonly age: number
    readonly asks: ReadonlyArray<Wish>
    readonly machine: number
    /** The machine has missed that one of its jobs was admitted, and asks for it again. */
    readonly missed: boolean
  }
  | { readonly do: "charge"; readonly pick: number; readonly share: number }
  | { readonly do: "say"; readonly pick: number }
  | { readonly do: "end"; readonly pick: number; readonly certain: boolean }
  | { readonly do: "die"; readonly pick: number }
  | { readonly do: "leave"; readonly pick: number }
  | { readonly do: "topUp"; readonly credits: number }
  /** Somebody else spends with the same key. */
  | { readonly do: "steal"; readonly credits: number }
  /** An operator frees a hold. */
  | { readonly do: "free"; readonly pick: number }
  | { readonly do: "pass"; readonly millis: number }
  | { readonly do: "fault"; readonly kind: Fault }

/** `keep` takes the snapshot that `rollback` and `restore` bring back, the one by a restart and the other by hand. */
export type Fault = "keep" | "rollback" | "restore" | "restart" | "vanish" | "clock back"

export interface Wish {
  readonly cost: number
  readonly label: string | undefined
  readonly wait: boolean
}

export interface History {
  readonly balance: number
  readonly limits: ReadonlyArray<Limit>
  readonly margin: number
  readonly rules: books.Rules
  readonly steps: ReadonlyArray<Step>
}

const pick = fc.nat(1000)
const percent = fc.oneof(fc.nat(100), fc.constantFrom(0, 100))
const label = fc.constantFrom(undefined, "a", "b")
const rarely = fc.nat(4).map((roll) => roll === 0)
const steps: ReadonlyArray<fc.WeightedArbitrary<Step>> = [
  { weight: 6, arbitrary: fc.constant<Step>({ do: "request" }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("arrive" as const),
      pick,
      age: percent,
      machine: fc.nat(1),
      missed: rarely,
      asks: fc.array(fc.record({ cost: fc.nat(120), label, wait: rarely }), { maxLength: 4 })
    })
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("charge" as const), pick, share: percent }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("say" as const), pick }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("end" as const), pick, certain: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("die" as const), pick }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("leave" as const), pick }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("topUp" as const), credits: fc.nat(60) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("pass" as const), millis: fc.nat(300) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("fault" as const),
      kind: fc.constantFrom<Fault>("keep", "keep", "rollback", "restore", "restart", "vanish", "clock back")
    })
  }
]
const free: fc.WeightedArbitrary<Step> = { weight: 1, arbitrary: fc.record({ do: fc.constant("free" as const), pick }) }
const steal: fc.WeightedArbitrary<Step> = {
  weight: 2,
  arbitrary: fc.record({ do: fc.constant("steal" as const), credits: fc.nat(60) })
}

const limit = fc.record({
  credits: fc.integer({ min: 50, max: 300 }),
  every: fc.constantFrom(200, 700, 5000),
  label
}).map(({ credits, every, label }) => ({ given: credits, credits: units(credits), every, label }))

const historyOf = (...steps: ReadonlyArray<fc.WeightedArbitrary<Step>>): fc.Arbitrary<History> =>
  fc.record({
    balance: fc.nat(250),
    limits: fc.uniqueArray(limit, { maxLength: 4, selector: ({ every, label }) => `${every} ${label}` }),
    margin: fc.nat(40),
    rules: fc.record({ lease: fc.constantFrom(400, 1000), lag: fc.constantFrom(0, 0, 50, 250) }),
    steps: fc.array(fc.oneof(...steps), { maxLength: 120, size: "max" })
  })

export const history = historyOf(...steps)
/** Where nothing keeps the balance above the margin: somebody else spends, or an operator frees what is held. */
export const disturbed = fc.oneof(
  historyOf(...steps, free),
  historyOf(...steps, steal),
  historyOf(...steps, free, steal)
)
