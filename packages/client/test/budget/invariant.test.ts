import { PolloCredits } from "@effect-pollo/client"
import { BudgetStoreError, CreditBudget } from "@effect-pollo/client/CreditBudget"
import { PolloCreditsTest } from "@effect-pollo/client/testing"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Fiber, Layer } from "effect"
import { TestClock } from "effect/testing"
import * as fc from "fast-check"
import * as budgets from "../../src/internal/budget/budget.ts"
import * as settings from "../../src/internal/budget/settings.ts"
import { memory } from "../../src/internal/budget/store.ts"
import * as ledgers from "../support/ledger.ts"

const numRuns = Number(process.env["POLLO_TEST_HISTORIES"] ?? 1000)

/** Milliseconds. */
const soon = fc.nat(300)
const credits = fc.nat(4000).map((hundredths) => hundredths / 100)

const job = fc.record({
  start: fc.nat(2000),
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

const history = fc.record({
  balance: fc.nat(300),
  safetyMargin: fc.nat(60),
  chargeLag: fc.nat(2).map((roll) => roll * 75),
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
const run = (ledger: ledgers.Ledger, { cost, ends, interruptAfter, patience, share, start, tells, ...job }: Job) => {
  const actual = Math.floor(cost * share) / 100
  const wait = patience === undefined ? undefined : { for: patience, pollEvery: 100 }
  const work = CreditBudget.withReservation(cost, { wait })(Effect.fnUntraced(function*(reservation) {
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

/** A budget whose store takes its time before and after what it does, and of which some answers get lost. */
const farAway = (options: CreditBudget.Options, millis: number) =>
  Layer.effect(
    CreditBudget,
    Effect.gen(function*() {
      const checked = yield* Effect.fromResult(settings.validate(options))
      const store = memory(checked.chargeLag, yield* Clock.Clock)
      let operations = 0
      const far = <A>(operation: Effect.Effect<A, BudgetStoreError>) =>
        operation.pipe(Effect.delay(millis), Effect.tap(Effect.sleep(millis)))
      const lossy = <A>(operation: Effect.Effect<A, BudgetStoreError>) =>
        Effect.tap(far(operation), () =>
          ++operations % 11 === 0
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

const play = (past: History, known = past.chargeLag) => {
  const ledger = ledgers.make(past.balance, past.chargeLag, (number) => {
    const { after, before } = past.readings[number % past.readings.length] ?? assert.fail("no reading")
    const error = number % 10 === past.failing ? PolloCreditsTest.error.serverError() : undefined
    return { before, after, error }
  })
  const options = { safetyMargin: past.safetyMargin, chargeLag: known }
  const budget = past.storeDelay === undefined ? CreditBudget.layer(options) : farAway(options, past.storeDelay)
  return Effect.gen(function*() {
    const all = yield* Effect.forkChild(Effect.all([
      ...past.jobs.map((job) => run(ledger, job)),
      ...past.topUps.map(({ at, credits }) => Effect.delay(ledger.topUp(credits), at))
    ], { concurrency: "unbounded" }))
    yield* Effect.repeat(TestClock.adjust(0), { times: 5 })
    yield* TestClock.adjust("1 minute")
    yield* Fiber.join(all)
    return ledger
  }).pipe(Effect.tap(() => atRest(ledger, past)), Effect.provide(budget.pipe(Layer.provide(ledger.layer))))
}

/** One reading more, and nothing is held; all that is above the margin can be spent. */
const atRest = Effect.fnUntraced(function*(ledger: ledgers.Ledger, { safetyMargin }: History) {
  const left = Math.max(0, ledger.balance() - safetyMargin)
  const wait = { for: "1 minute", pollEvery: "1 second" } as const
  const fiber = yield* Effect.forkChild(CreditBudget.withReservation(left, { wait })(Effect.fail("not charged")))
  while (fiber.pollUnsafe() === undefined) yield* TestClock.adjust("1 second")
  const told = yield* Effect.flip(Fiber.join(fiber))
  if (ledger.balance() >= safetyMargin) assert.strictEqual(told, "not charged", "all that is left can be spent")
  assert.deepInclude(yield* CreditBudget.status, { reserved: 0, reservations: 0, waiting: 0 })
})

const overspent = (past: History, known?: number) =>
  Effect.runPromise(
    Effect.map(play(past, known), (ledger) => ledger.lowest() < past.safetyMargin).pipe(
      Effect.provide(TestClock.layer()),
      Effect.scoped
    )
  )

describe("the balance of the mock server's ledger", () => {
  it(`never goes below the safety margin through jobs of a budget, in ${numRuns} histories`, async () => {
    await fc.assert(
      fc.asyncProperty(history, async (past) => {
        assert.isFalse(await overspent(past))
      }),
      { numRuns }
    )
  }, 3_600_000)

  it("does so when the vendor lags more than the budget knows, so the histories are hostile enough", async () => {
    const found = await fc.check(
      fc.asyncProperty(history, async (past) => !(await overspent({ ...past, chargeLag: 300 }, 0))),
      { numRuns: 1000, seed: 7, endOnFailure: true }
    )
    assert.isTrue(found.failed)
  })
})
