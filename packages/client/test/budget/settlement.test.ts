import { CreditBalance, PolloConfigError } from "@effect-pollo/client"
import { BudgetStoreError, CreditBudget } from "@effect-pollo/client/CreditBudget"
import { PolloCreditsTest } from "@effect-pollo/client/testing"
import { assert, describe, it } from "@effect/vitest"
import { Cause, Clock, Deferred, Effect, Exit, Fiber, Layer, Logger } from "effect"
import { TestClock } from "effect/testing"
import * as budgets from "../../src/internal/budget/budget.ts"
import { memory } from "../../src/internal/budget/store.ts"
import { none } from "../../src/internal/budget/units.ts"

const { delay } = PolloCreditsTest

const budget = (script: PolloCreditsTest.Script, options: CreditBudget.Options = {}) =>
  Layer.provideMerge(CreditBudget.layer(options), PolloCreditsTest.layer(script))

/** What is held once the job is over, before any reading. */
const heldAfter = (
  job: CreditBudget.Job<unknown, string | PolloConfigError, never>,
  options?: CreditBudget.ReserveOptions
) =>
  Effect.gen(function*() {
    const exit = yield* Effect.exit(CreditBudget.withReservation(30, options)(job))
    return { exit, held: (yield* CreditBudget.status).reserved }
  }).pipe(Effect.provide(budget(40)))

const interrupted = Effect.interrupt

describe("what becomes of a hold", () => {
  it.effect("a job that succeeded was charged", () =>
    Effect.gen(function*() {
      const { exit, held } = yield* heldAfter(Effect.succeed("video"))
      assert.deepEqual(exit, Exit.succeed("video"))
      assert.strictEqual(held, 30)
    }))

  it.effect("a job that failed with an error of its type was not charged, unless onFailure is keep", () =>
    Effect.gen(function*() {
      const { exit, held } = yield* heldAfter(Effect.fail("refused"))
      assert.deepEqual(exit, Exit.fail("refused"))
      assert.strictEqual(held, 0)
      assert.strictEqual((yield* heldAfter(Effect.fail("refused"), { onFailure: "keep" })).held, 30)
    }))

  it.effect("a job that was interrupted, or died, may have been charged", () =>
    Effect.gen(function*() {
      const stopped = yield* heldAfter(interrupted)
      assert.isTrue(Exit.hasInterrupts(stopped.exit))
      assert.strictEqual(stopped.held, 30)
      const broken = yield* heldAfter(Effect.die("broken"))
      assert.isTrue(Exit.hasDies(broken.exit))
      assert.strictEqual(broken.held, 30)
      const thrown = yield* heldAfter(() => {
        throw new Error("broken before it began")
      })
      assert.isTrue(Exit.hasDies(thrown.exit))
      assert.strictEqual(thrown.held, 30)
      const both = yield* heldAfter(Effect.failCause(Cause.combine(Cause.fail("refused"), Cause.die("broken"))))
      assert.strictEqual(both.held, 30)
    }))

  it.effect("what the job has said stands, however it ends", () =>
    Effect.gen(function*() {
      const ends = [Effect.void, Effect.fail("late"), interrupted, Effect.die("broken")]
      for (const end of ends) {
        assert.strictEqual((yield* heldAfter(({ charged }) => Effect.andThen(charged, end))).held, 30)
        assert.strictEqual((yield* heldAfter(({ settle }) => Effect.andThen(settle(12.5), end))).held, 12.5)
        assert.strictEqual((yield* heldAfter(({ settle }) => Effect.andThen(settle(0), end))).held, 0)
        assert.strictEqual((yield* heldAfter(({ release }) => Effect.andThen(release, end))).held, 0)
      }
    }))

  it.effect("the last word counts", () =>
    Effect.gen(function*() {
      const lower = ({ charged, settle }: CreditBudget.Reservation) =>
        Effect.andThen(charged, Effect.andThen(settle(25), Effect.void))
      assert.strictEqual((yield* heldAfter(lower)).held, 25)
      const higher = ({ settle }: CreditBudget.Reservation) =>
        Effect.andThen(settle(5), Effect.andThen(settle(45), Effect.void))
      assert.strictEqual((yield* heldAfter(higher)).held, 45)
      const back = ({ charged, release }: CreditBudget.Reservation) => Effect.andThen(charged, release)
      assert.strictEqual((yield* heldAfter(back)).held, 0)
    }))

  it.effect("an invalid charge is a mistake, and changes nothing", () =>
    Effect.gen(function*() {
      for (const actual of [Number.NaN, -1, Number.POSITIVE_INFINITY]) {
        const { exit, held } = yield* heldAfter(({ settle }) => Effect.andThen(settle(actual), Effect.void))
        const told = yield* Effect.flip(exit)
        assert.instanceOf(told, PolloConfigError)
        assert.strictEqual(told.message, "actual must be a finite number of credits, 0 or more")
        assert.strictEqual(held, 0)
      }
    }))

  it.effect("the scoped form goes by the same table when its scope closes", () =>
    Effect.gen(function*() {
      const held = (end: Effect.Effect<void, string>, options?: CreditBudget.ReserveOptions) =>
        Effect.gen(function*() {
          yield* Effect.exit(Effect.scoped(Effect.gen(function*() {
            const reservation = yield* CreditBudget.reserve(30, options)
            assert.strictEqual(reservation.cost, 30)
            assert.strictEqual((yield* CreditBudget.status).reserved, 30)
            yield* end
          })))
          return (yield* CreditBudget.status).reserved
        }).pipe(Effect.provide(budget(40)))
      assert.strictEqual(yield* held(Effect.void), 30)
      assert.strictEqual(yield* held(Effect.fail("refused")), 0)
      assert.strictEqual(yield* held(Effect.fail("refused"), { onFailure: "keep" }), 30)
      assert.strictEqual(yield* held(interrupted), 30)
      assert.strictEqual(yield* held(Effect.die("broken")), 30)
    }))
})

describe("what a reading takes off the books", () => {
  it.effect("a charge that came before it was requested", () =>
    Effect.gen(function*() {
      yield* CreditBudget.withReservation(30)(Effect.void)
      yield* CreditBudget.withReservation(10)(Effect.void)
      assert.deepEqual(yield* CreditBudget.status, {
        available: 10,
        reserved: 10,
        reservations: 1,
        waiting: 0,
        limits: []
      })
    }).pipe(Effect.provide(budget([40, 10]))))

  it.effect("not a charge that came while the reading was under way: it may or may not show the charge", () =>
    Effect.gen(function*() {
      const end = yield* Deferred.make<void>()
      const job = yield* Effect.forkChild(CreditBudget.withReservation(30)(Deferred.await(end)))
      yield* TestClock.adjust(0)
      const other = yield* Effect.forkChild(Effect.flip(CreditBudget.withReservation(20)(Effect.void)))
      yield* TestClock.adjust("1 second")
      yield* Deferred.succeed(end, undefined)
      yield* Fiber.join(job)
      yield* TestClock.adjust("1 second")
      const told = yield* Fiber.join(other)
      assert.deepInclude(told, { _tag: "InsufficientCredits", available: 40, reserved: 30 })
      // The next one was requested after the charge.
      yield* CreditBudget.withReservation(10)(Effect.void)
    }).pipe(Effect.provide(budget([40, delay("2 seconds", 40), 10]))))

  it.effect("a charge while the job goes on, once the job has said so", () =>
    Effect.gen(function*() {
      yield* Effect.forkChild(
        CreditBudget.withReservation(30)(({ charged }) => Effect.andThen(charged, Effect.never))
      )
      yield* TestClock.adjust(0)
      yield* CreditBudget.withReservation(10)(Effect.void)
    }).pipe(Effect.provide(budget([40, 10]))))

  it.effect("with a chargeLag, not before it is over", () =>
    Effect.gen(function*() {
      yield* CreditBudget.withReservation(30)(Effect.void)
      yield* TestClock.adjust("1999 millis")
      const told = yield* Effect.flip(CreditBudget.withReservation(20)(Effect.void))
      assert.deepInclude(told, { _tag: "InsufficientCredits", available: 40, reserved: 30 })
      yield* TestClock.adjust("1 millis")
      yield* CreditBudget.withReservation(10)(Effect.void)
      assert.strictEqual((yield* CreditBudget.status).reserved, 10)
    }).pipe(Effect.provide(budget([40, 40, 10], { chargeLag: "2 seconds" }))))

  it.effect("what is charged beyond what was seen already is held again, and only that", () =>
    Effect.gen(function*() {
      yield* CreditBudget.withReservation(30)(Effect.fnUntraced(function*(reservation: CreditBudget.Reservation) {
        yield* reservation.charged
        yield* CreditBudget.withReservation(0)(Effect.void)
        assert.strictEqual((yield* CreditBudget.status).reserved, 0)
        yield* reservation.settle(34)
        assert.strictEqual((yield* CreditBudget.status).reserved, 4)
      }))
    }).pipe(Effect.provide(budget([40, 10, 6]))))
})

describe("a store that does not answer", () => {
  /** The books in memory, which do not hear the first of what they are told at the end of a job. */
  const unheardOf = new BudgetStoreError({ reason: "Unavailable", message: "no answer" })
  const deaf = Effect.gen(function*() {
    const store = memory(0, yield* Clock.Clock)
    let deafFor = 1
    const unheard = <A>(change: Effect.Effect<A, BudgetStoreError>) =>
      Effect.suspend(() => deafFor-- > 0 ? Effect.fail(unheardOf) : change)
    return yield* budgets.make(
      {
        ...store,
        settle: (...change) => unheard(store.settle(...change)),
        release: (...change) => unheard(store.release(...change))
      },
      Effect.succeed(new CreditBalance({ availableCredits: 40, totalCredits: 40 })),
      { safetyMargin: 0, margin: none, onUnreadable: "fail", chargeLag: 0, maxBackoff: 0, limits: [] }
    )
  })

  it.effect("changes nothing for the job, and is told again at its end", () =>
    Effect.gen(function*() {
      const budget = yield* deaf
      const job = budget.withReservation(30)(Effect.fnUntraced(function*(reservation: CreditBudget.Reservation) {
        yield* reservation.settle(12)
        assert.strictEqual((yield* budget.status).reserved, 30)
        return "video"
      }))
      assert.strictEqual(yield* job, "video")
      assert.strictEqual((yield* budget.status).reserved, 12)
    }).pipe(Effect.scoped, Effect.provide(Logger.layer([]))))

  it.effect("does not replace the outcome of a job that has ended", () =>
    Effect.gen(function*() {
      const budget = yield* deaf
      assert.strictEqual(yield* Effect.flip(budget.withReservation(30)(Effect.fail("refused"))), "refused")
    }).pipe(Effect.scoped, Effect.provide(Logger.layer([]))))
})
