import { PolloCredits } from "@effect-pollo/client"
import { BudgetStoreError, CreditBudget } from "@effect-pollo/client/CreditBudget"
import { PolloCreditsTest } from "@effect-pollo/client/testing"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Fiber, Layer, Logger, Stream } from "effect"
import { TestClock } from "effect/testing"
import * as fc from "fast-check"
import * as budgets from "../../src/internal/budget/budget.ts"
import * as settings from "../../src/internal/budget/settings.ts"
import { memory } from "../../src/internal/budget/store.ts"
import { costUnits } from "../../src/internal/budget/units.ts"
import * as ledgers from "../support/ledger.ts"
import * as registers from "../support/register.ts"

const numRuns = Number(process.env["POLLO_TEST_HISTORIES"] ?? 1000)

/** Milliseconds. */
const soon = fc.nat(300)
const credits = fc.nat(4000).map((hundredths) => hundredths / 100)

const label = fc.constantFrom(undefined, "a", "b")

const job = fc.record({
  start: fc.nat(2000),
  label,
  cost: credits,
  share: fc.nat(100),
  untilCharge: soon,
  untilEnd: soon,
  ends: fc.constantFrom("well", "well", "cheaper", "for free", "before the charge", "after the charge", "broken"),
  tells: fc.boolean(),
  interruptAfter: fc.option(fc.nat(900), { freq: 4, nil: undefined }),
  patience: fc.option(fc.nat(3000), { freq: 3, nil: undefined })
})
type Job = typeof job extends fc.Arbitrary<infer A> ? A : never

const limit = fc.record({ credits: fc.integer({ min: 10, max: 200 }), every: fc.constantFrom(300, 1000), label })

const history = fc.record({
  balance: fc.nat(300),
  safetyMargin: fc.nat(60),
  chargeLag: fc.nat(2).map((roll) => roll * 75),
  limits: fc.uniqueArray(limit, { maxLength: 3, selector: ({ every, label }) => `${every} ${label}` }),
  readings: fc.array(fc.record({ before: soon, after: soon }), { minLength: 1 }),
  failing: fc.nat(9),
  storeDelay: fc.option(fc.nat(80), { freq: 2, nil: undefined }),
  topUps: fc.array(fc.record({ at: fc.nat(3000), credits }), { maxLength: 5 }),
  jobs: fc.oneof(
    { weight: 30, arbitrary: fc.array(job, { maxLength: 40, size: "max" }) },
    { weight: 1, arbitrary: fc.array(job, { minLength: 200, maxLength: 400, size: "max" }) }
  )
})
type History = typeof history extends fc.Arbitrary<infer A> ? A : never

/** A job that does to the ledger what it is told to, and says of it what an honest job would. */
const run = (
  ledger: ledgers.Ledger,
  { cost, ends, interruptAfter, label, patience, share, start, tells, ...job }: Job
) => {
  const actual = Math.floor(cost * share) / 100
  const wait = patience === undefined ? undefined : { for: patience, pollEvery: 100 }
  const work = CreditBudget.withReservation(cost, { label, wait })(Effect.fnUntraced(function*(reservation) {
    yield* Effect.sleep(job.untilCharge)
    if (ends === "before the charge") return yield* Effect.fail("refused")
    if (ends === "for free") return yield* reservation.release
    if (ends === "cheaper") {
      yield* ledger.spend(actual)
      yield* reservation.settle(actual)
    } else {
      yield* ledger.spend(cost)
      if (tells || ends === "after the charge") yield* reservation.charged
    }
    yield* Effect.sleep(job.untilEnd)
    if (ends === "after the charge") return yield* Effect.fail("failed")
    if (ends === "broken") return yield* Effect.die("broken")
  }))
  return Effect.gen(function*() {
    yield* Effect.sleep(start)
    const fiber = yield* Effect.forkChild(work)
    if (interruptAfter !== undefined) {
      yield* Effect.sleep(interruptAfter)
      yield* Fiber.interrupt(fiber)
    }
    yield* Fiber.await(fiber)
  })
}

/** How a budget and its world are otherwise than they should be. */
interface Otherwise {
  readonly known?: number
  readonly ignoresLimits?: boolean
}

/** A budget whose store is observed, and may take its time before and after what it does, and lose some answers. */
const budgetOf = (
  options: CreditBudget.Options,
  millis: number | undefined,
  register: registers.Register,
  { ignoresLimits = false }: Otherwise
) =>
  Layer.effect(
    CreditBudget,
    Effect.gen(function*() {
      const checked = yield* Effect.fromResult(settings.validate(options))
      const applied = ignoresLimits ? [] : checked.limits
      const store = register.observe(memory(checked.chargeLag, yield* Clock.Clock, applied))
      let operations = 0
      const far = <A>(operation: Effect.Effect<A, BudgetStoreError>) =>
        millis === undefined ? operation : operation.pipe(Effect.delay(millis), Effect.tap(Effect.sleep(millis)))
      const lossy = <A>(operation: Effect.Effect<A, BudgetStoreError>) =>
        Effect.tap(far(operation), () =>
          millis !== undefined && ++operations % 11 === 0
            ? Effect.fail(new BudgetStoreError({ reason: "Unavailable", message: "lost" }))
            : Effect.void)
      const { getBalance } = yield* PolloCredits
      return yield* budgets.make(
        {
          ...store,
          begin: lossy(store.begin),
          admit: (admission) => lossy(store.admit(admission)),
          settle: (...change) => far(store.settle(...change)),
          release: (ids) => far(store.release(ids))
        },
        getBalance,
        checked
      )
    }).pipe(Effect.orDie)
  )

const play = (past: History, otherwise: Otherwise) => {
  const ledger = ledgers.make(past.balance, past.chargeLag, (number) => {
    const { after, before } = past.readings[number % past.readings.length] ?? assert.fail("no reading")
    const error = number % 10 === past.failing ? PolloCreditsTest.error.serverError() : undefined
    return { before, after, error }
  })
  const { chargeLag, limits, safetyMargin } = past
  const options = { safetyMargin, chargeLag: otherwise.known ?? chargeLag, limits }
  const register = registers.make()
  const budget = budgetOf(options, past.storeDelay, register, otherwise)
  return Effect.gen(function*() {
    const alarms: Array<number> = []
    yield* CreditBudget.unexplained.pipe(
      Stream.runForEach(({ credits }) => Effect.sync(() => alarms.push(credits))),
      Effect.forkScoped
    )
    const all = yield* Effect.forkChild(Effect.all([
      ...past.jobs.map((job) => run(ledger, job)),
      ...past.topUps.map(({ at, credits }) => Effect.delay(ledger.topUp(credits), at))
    ], { concurrency: "unbounded" }))
    yield* Effect.repeat(TestClock.adjust(0), { times: 5 })
    yield* TestClock.adjust("1 minute")
    yield* Fiber.join(all)
    yield* atRest(ledger, past)
    const exceeded = limits.filter((limit) => register.most(limit) > costUnits(limit.credits))
    const lowest = ledger.lowest()
    if (options.chargeLag === chargeLag) yield* stranger(ledger, alarms)
    return { lowest, exceeded }
  }).pipe(Effect.scoped, Effect.provide(budget.pipe(Layer.provide(ledger.layer))))
}

/** One reading more, and nothing is held; all that is above the margin can be spent. */
const atRest = Effect.fnUntraced(function*(ledger: ledgers.Ledger, { limits, safetyMargin }: History) {
  const isLimited = limits.some(({ label }) => label === undefined)
  const left = isLimited ? 0 : Math.max(0, ledger.balance() - safetyMargin)
  const wait = { for: "1 minute", pollEvery: "1 second" } as const
  const fiber = yield* Effect.forkChild(CreditBudget.withReservation(left, { wait })(Effect.fail("not charged")))
  while (fiber.pollUnsafe() === undefined) yield* TestClock.adjust("1 second")
  const told = yield* Effect.flip(Fiber.join(fiber))
  if (ledger.balance() >= safetyMargin) assert.strictEqual(told, "not charged", "all that is left can be spent")
  assert.deepInclude(yield* CreditBudget.status, { reserved: 0, reservations: 0, waiting: 0 })
})

/** No job has looked like a stranger; a stranger does. */
const stranger = Effect.fnUntraced(function*(ledger: ledgers.Ledger, alarms: ReadonlyArray<number>) {
  const read = Effect.gen(function*() {
    yield* TestClock.adjust("1 minute")
    // Of ten readings one may fail, and of eleven operations of the store.
    const reading = CreditBudget.withReservation(0)(Effect.void).pipe(
      Effect.retry({ while: ({ _tag }) => _tag !== "InsufficientCredits", times: 5 }),
      Effect.exit,
      Effect.forkChild
    )
    const fiber = yield* reading
    while (fiber.pollUnsafe() === undefined) yield* TestClock.adjust("1 second")
  })
  yield* ledger.topUp(20)
  yield* read
  yield* read
  assert.deepEqual(alarms, [], "nobody else has spent")
  yield* ledger.spend(12.5)
  yield* read
  yield* read
  assert.deepEqual(alarms, [12.5], "somebody else has spent")
})

const outcome = (past: History, otherwise: Otherwise = {}) =>
  Effect.runPromise(
    Effect.map(play(past, otherwise), ({ exceeded, lowest }) => ({
      overspent: lowest < past.safetyMargin,
      exceeded
    })).pipe(Effect.provide([TestClock.layer(), Logger.layer([])]), Effect.scoped)
  )

const hostile = (holds: (past: History) => Promise<boolean>) =>
  fc.check(fc.asyncProperty(history, holds), { numRuns: 1000, seed: 7, endOnFailure: true })

describe("jobs of a budget", () => {
  it(
    `take no balance below the safety margin, no period beyond a limit, and are told from a stranger, in ${numRuns} histories`,
    async () => {
      await fc.assert(
        fc.asyncProperty(history, async (past) => {
          assert.deepEqual(await outcome(past), { overspent: false, exceeded: [] })
        }),
        { numRuns }
      )
    },
    3_600_000
  )

  it("overspend when the vendor lags more than the budget knows, so the histories are hostile enough", async () => {
    const found = await hostile(async (past) => !(await outcome({ ...past, chargeLag: 300 }, { known: 0 })).overspent)
    assert.isTrue(found.failed)
  })

  it("exceed limits that the store does not apply", async () => {
    const found = await hostile(async (past) => (await outcome(past, { ignoresLimits: true })).exceeded.length === 0)
    assert.isTrue(found.failed)
  })
})
