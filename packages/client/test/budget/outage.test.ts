import { CreditBalance, PolloRateLimited } from "@effect-pollo/client"
import { BudgetStoreError, CreditBudget } from "@effect-pollo/client/CreditBudget"
import { PolloCreditsTest } from "@effect-pollo/client/testing"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Duration, Effect, Fiber, Layer } from "effect"
import { TestClock } from "effect/testing"
import * as budgets from "../../src/internal/budget/budget.ts"
import { type BudgetStore, memory } from "../../src/internal/budget/store.ts"
import { none } from "../../src/internal/budget/units.ts"

const { error } = PolloCreditsTest

const budget = (script: PolloCreditsTest.Script, options: CreditBudget.Options = {}) =>
  Layer.provideMerge(CreditBudget.layer(options), PolloCreditsTest.layer(script))

const requests = Effect.map(PolloCreditsTest.calls, (calls) => calls.length)
const refusal = Effect.flip(CreditBudget.withReservation(1)(Effect.die("ran")))
const patient = (millis: number) =>
  CreditBudget.withReservation(1, { wait: { for: "1 hour", pollEvery: millis } })(Effect.succeed("ran"))
/** Goes on when it stands in line. */
const start = <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.tap(Effect.forkChild(effect), TestClock.adjust(0))
const askedFor = (minutes: number) => error.rateLimited({ retryAfter: Duration.minutes(minutes) })

describe("a server that failed and said when to come back", () => {
  it.effect("gets no request before that time by reservations that do not wait: they fail with the same error and the time that is left", () =>
    Effect.gen(function*() {
      yield* refusal
      yield* TestClock.adjust("40 seconds")
      const told = yield* refusal
      assert.instanceOf(told, PolloRateLimited)
      assert.deepEqual([told.attempts, told.retryAfter], [0, Duration.seconds(80)])
      yield* TestClock.adjust("79 seconds")
      yield* refusal
      assert.strictEqual(yield* requests, 1)
      yield* TestClock.adjust("1 second")
      assert.strictEqual(yield* CreditBudget.withReservation(1)(Effect.succeed("ran")), "ran")
      assert.strictEqual(yield* requests, 2)
    }).pipe(Effect.provide(budget([askedFor(2), 40]))))

  it.effect("is left alone for maxBackoff at the most", () =>
    Effect.gen(function*() {
      yield* refusal
      yield* TestClock.adjust("299 seconds")
      yield* refusal
      assert.strictEqual(yield* requests, 1)
      yield* TestClock.adjust("1 second")
      yield* CreditBudget.withReservation(1)(Effect.void)
    }).pipe(Effect.provide(budget([askedFor(600_000), 40]))))

  it.effect("wakes those who wait when its time has come, however often they would look", () =>
    Effect.gen(function*() {
      const fiber = yield* start(patient(100))
      yield* TestClock.adjust("30 seconds")
      // Somebody who comes meanwhile changes nothing.
      yield* refusal
      yield* TestClock.adjust("29 seconds")
      assert.strictEqual(yield* requests, 1)
      yield* TestClock.adjust("1 second")
      assert.strictEqual(yield* Fiber.join(fiber), "ran")
      assert.strictEqual(yield* requests, 2)
    }).pipe(Effect.provide(budget([askedFor(1), 40]))))

  it.effect("is admitted without, when that is allowed", () =>
    Effect.gen(function*() {
      yield* CreditBudget.withReservation(1)(Effect.void)
      yield* CreditBudget.withReservation(1)(Effect.void)
      assert.strictEqual(yield* requests, 1)
    }).pipe(Effect.provide(budget(askedFor(1), { onUnreadable: "allow" }))))
})

describe("a server that failed without a word about it", () => {
  it.effect("is asked again by the next reservation, and every pollEvery by those who wait", () =>
    Effect.gen(function*() {
      yield* refusal
      yield* refusal
      assert.strictEqual(yield* requests, 2)
      const fiber = yield* start(patient(10_000))
      yield* TestClock.adjust("9999 millis")
      assert.strictEqual(yield* requests, 3)
      yield* TestClock.adjust("20 seconds")
      assert.strictEqual(yield* requests, 5)
      yield* Fiber.interrupt(fiber)
    }).pipe(Effect.provide(budget(error.serverError()))))

  it.effect("is asked once a second at the most when it asks for hardly any time", () =>
    Effect.gen(function*() {
      const fiber = yield* start(patient(60_000))
      yield* TestClock.adjust("5500 millis")
      assert.strictEqual(yield* requests, 6)
      yield* Fiber.interrupt(fiber)
    }).pipe(Effect.provide(budget(error.rateLimited({ retryAfter: Duration.millis(1) })))))

  it.effect("does not end a wait, whatever kind of failure passes by itself", () =>
    Effect.gen(function*() {
      const fiber = yield* start(patient(1000))
      yield* TestClock.adjust("3 seconds")
      assert.strictEqual(yield* Fiber.join(fiber), "ran")
    }).pipe(
      Effect.provide(budget([error.timeout({ phase: "deadline" }), error.transportError(), error.rateLimited(), 40]))
    ))
})

/** A budget in memory of which something is otherwise. */
const withStore = Effect.fnUntraced(function*(
  otherwise: (store: BudgetStore) => Partial<BudgetStore>,
  balance = () => 40
) {
  const store = memory(0, yield* Clock.Clock)
  return yield* budgets.make(
    { ...store, ...otherwise(store) },
    Effect.sync(() => new CreditBalance({ availableCredits: balance(), totalCredits: 40 })),
    { safetyMargin: 0, margin: none, onUnreadable: "fail", chargeLag: 0, maxBackoff: 0, limits: [] }
  )
})

describe("an admission whose answer comes too late", () => {
  const lateOnce = withStore((store) => {
    let answers = 0
    return {
      admit: (asks) => Effect.map(store.admit(asks), (decision) => ({ ...decision, isLate: () => answers++ === 0 }))
    }
  })

  it.effect("starts no job, and gives its hold back", () =>
    Effect.gen(function*() {
      const budget = yield* lateOnce
      const told = yield* Effect.flip(budget.withReservation(30)(Effect.die("ran")))
      assert.deepInclude(told, { _tag: "BudgetStoreError", reason: "Unavailable", isTransient: true })
      assert.deepInclude(yield* budget.status, { reserved: 0, reservations: 0, waiting: 0 })
    }).pipe(Effect.scoped))

  it.effect("is asked for anew by reservations that wait", () =>
    Effect.gen(function*() {
      const budget = yield* lateOnce
      const job = budget.withReservation(30, { wait: { for: "1 minute" } })(Effect.succeed("ran"))
      assert.strictEqual(yield* job, "ran")
      assert.deepInclude(yield* budget.status, { reserved: 30, reservations: 1, waiting: 0 })
    }).pipe(Effect.scoped))
})

describe("a store that cannot be asked", () => {
  const failing = (reason: BudgetStoreError["reason"], times: number, retryAfter?: Duration.Duration) =>
    withStore((store) => {
      let asked = 0
      const failure = new BudgetStoreError({ reason, message: "no", ...retryAfter && { retryAfter } })
      return { begin: Effect.suspend(() => asked++ < times ? Effect.fail(failure) : store.begin) }
    })
  const wait = { for: "1 hour", pollEvery: "1 minute" } as const

  it.effect("ends no wait while the failure can pass by itself, and is asked again at the time that it named", () =>
    Effect.gen(function*() {
      const budget = yield* failing("Recovering", 1, Duration.seconds(20))
      const fiber = yield* start(budget.withReservation(1, { wait })(Effect.succeed("ran")))
      yield* TestClock.adjust("19 seconds")
      assert.isUndefined(fiber.pollUnsafe())
      yield* TestClock.adjust("1 second")
      assert.strictEqual(yield* Fiber.join(fiber), "ran")
    }).pipe(Effect.scoped))

  it.effect("keeps the hold of a reservation that is sent again and has moved up at the same time", () =>
    Effect.gen(function*() {
      let [balance, answers] = [5, 0]
      const lost = new BudgetStoreError({ reason: "Unavailable", message: "the answer was lost" })
      const budget = yield* withStore(
        (store) => ({
          admit: (asks) => Effect.tap(store.admit(asks), () => ++answers === 2 ? Effect.fail(lost) : Effect.void)
        }),
        () => balance
      )
      yield* start(budget.withReservation(10, { wait })(Effect.never))
      yield* TestClock.adjust("1 minute")
      balance = 40
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(answers, 3)
      assert.deepInclude(yield* budget.status, { reserved: 10, reservations: 1, waiting: 0 })
    }).pipe(Effect.scoped))

  it.effect("ends the wait when somebody has to act", () =>
    Effect.gen(function*() {
      const budget = yield* failing("Denied", 1)
      const told = yield* Effect.flip(budget.withReservation(1, { wait })(Effect.die("ran")))
      assert.deepInclude(told, { _tag: "BudgetStoreError", reason: "Denied", isTransient: false })
    }).pipe(Effect.scoped))
})
