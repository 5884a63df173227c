import { PolloConfigError, type PolloCredits, type PolloError } from "@effect-pollo/client"
import * as module from "@effect-pollo/client/CreditBudget"
import {
  type BudgetStoreError,
  CreditBudget,
  InsufficientCredits,
  type SpendLimitReached
} from "@effect-pollo/client/CreditBudget"
import { PolloCreditsTest } from "@effect-pollo/client/testing"
import { assert, describe, expectTypeOf, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Layer, Schema, type Scope } from "effect"
import { TestClock } from "effect/testing"

const { delay, error } = PolloCreditsTest

const budget = (options: CreditBudget.Options, script?: PolloCreditsTest.Script) =>
  Layer.provideMerge(CreditBudget.layer(options), PolloCreditsTest.layer(script))

const requests = Effect.map(PolloCreditsTest.calls, (calls) => calls.length)

/** What a job of this cost would be told now. */
const refusal = (cost: number) => Effect.flip(CreditBudget.withReservation(cost)(Effect.void))

/** What a fresh reading leaves reserved. */
const reservedNow = Effect.gen(function*() {
  const told = yield* refusal(1_000_000)
  return told._tag === "InsufficientCredits" ? told.reserved : assert.fail(told.message)
})

describe("the types of CreditBudget", () => {
  const job = Effect.succeed(1) as Effect.Effect<number, "own error", "own service">

  it("are those of the contract", () => {
    expectTypeOf(CreditBudget.layer({ safetyMargin: 5, onUnreadable: "allow" })).toEqualTypeOf<
      Layer.Layer<CreditBudget, PolloConfigError, PolloCredits>
    >()
    expectTypeOf(CreditBudget.withReservation(30)(job)).toEqualTypeOf<
      Effect.Effect<number, "own error" | CreditBudget.Refusal, "own service" | CreditBudget>
    >()
    expectTypeOf(job.pipe(CreditBudget.withReservation(30))).toEqualTypeOf<
      Effect.Effect<number, "own error" | CreditBudget.Refusal, "own service" | CreditBudget>
    >()
    expectTypeOf(CreditBudget.withReservation(30)((reservation) => Effect.as(reservation.charged, "x"))).toEqualTypeOf<
      Effect.Effect<string, CreditBudget.Refusal, CreditBudget>
    >()
    expectTypeOf(CreditBudget.reserve(30)).toEqualTypeOf<
      Effect.Effect<CreditBudget.Reservation, CreditBudget.Refusal, CreditBudget | Scope.Scope>
    >()
    expectTypeOf<CreditBudget.Refusal>().toEqualTypeOf<
      InsufficientCredits | SpendLimitReached | PolloError | BudgetStoreError | PolloConfigError
    >()
    assert.deepEqual(Object.keys(module).toSorted(), [
      "BudgetStoreError",
      "CreditBudget",
      "InsufficientCredits",
      "SpendLimitReached"
    ])
  })
})

describe("InsufficientCredits", () => {
  it("encodes and decodes, and a retry that asks it stops", () => {
    const told = new InsufficientCredits({ required: 30, available: 40.5, reserved: 20, safetyMargin: 5 })
    const json = JSON.parse(JSON.stringify(Schema.encodeSync(InsufficientCredits)(told)))
    assert.deepEqual(Schema.decodeUnknownSync(InsufficientCredits)(json), told)
    assert.isFalse(told.isRetryable)
  })
})

describe("admission", () => {
  it.effect("runs a job that the balance covers to the last credit, and refuses one that it does not", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* CreditBudget.withReservation(40)(Effect.succeed("ran")), "ran")
      const told = yield* CreditBudget.withReservation(40.01)(Effect.die("ran without credits")).pipe(Effect.flip)
      assert.instanceOf(told, InsufficientCredits)
      assert.deepEqual({ ...told }, {
        _tag: "InsufficientCredits",
        required: 40.01,
        available: 40,
        reserved: 0,
        safetyMargin: 0,
        billingUrl: "https://pollo.ai/api-platform/billing"
      })
      assert.strictEqual(
        told.message,
        "the job needs 40.01 credits: 40 available, 0 reserved; wait for other jobs to end or buy more at https://pollo.ai/api-platform/billing"
      )
    }).pipe(Effect.provide(budget({}, 40))))

  it.effect("lets one of two jobs start when the balance is enough for one", () =>
    Effect.gen(function*() {
      const job = CreditBudget.withReservation(30)(Effect.sleep("1 second"))
      const fibers = yield* Effect.all([Effect.forkChild(Effect.exit(job)), Effect.forkChild(Effect.exit(job))])
      yield* TestClock.adjust("1 second")
      const [first, second] = yield* Effect.all(fibers.map(Fiber.join))
      assert.deepEqual(first, Exit.void)
      const told = yield* Effect.flip(second ?? Effect.void)
      assert.deepEqual(told, new InsufficientCredits({ required: 30, available: 40, reserved: 30, safetyMargin: 0 }))
    }).pipe(Effect.provide(budget({}, 40))))

  it.effect("keeps the safety margin", () =>
    Effect.gen(function*() {
      yield* CreditBudget.withReservation(25)(Effect.void)
      const told = yield* refusal(25.5)
      assert.deepEqual(told, new InsufficientCredits({ required: 25.5, available: 40, reserved: 0, safetyMargin: 15 }))
      assert.include(told.message, "40 available, 0 reserved, 15 kept as safety margin")
    }).pipe(Effect.provide(budget({ safetyMargin: 15 }, 40))))

  it.effect("adds fractions exactly", () =>
    Effect.gen(function*() {
      yield* CreditBudget.reserve(0.1)
      yield* CreditBudget.reserve(0.2)
      yield* CreditBudget.reserve(0.07)
      assert.strictEqual((yield* refusal(0.01))._tag, "InsufficientCredits")
      assert.strictEqual((yield* CreditBudget.status).reserved, 0.37)
    }).pipe(Effect.scoped, Effect.provide(budget({}, 0.37))))

  it.effect("admits a job that costs nothing, unless the balance is below the margin", () =>
    Effect.gen(function*() {
      yield* CreditBudget.withReservation(0)(Effect.void)
      assert.strictEqual((yield* refusal(0))._tag, "InsufficientCredits")
    }).pipe(Effect.provide(budget({ safetyMargin: 5 }, [5, 4.99]))))

  it.effect("refuses a cost beyond counting as a mistake, whatever the balance", () =>
    Effect.gen(function*() {
      yield* CreditBudget.withReservation(9_007_199_254)(Effect.fail("ran")).pipe(Effect.flip)
      assert.deepInclude(yield* refusal(9_007_199_255), { _tag: "PolloConfigError", field: "cost" })
      assert.deepInclude(yield* refusal(Number.MAX_VALUE), { _tag: "PolloConfigError", field: "cost" })
    }).pipe(Effect.provide(budget({}, Number.MAX_VALUE))))

  it.effect("refuses everything while the balance is negative", () =>
    Effect.gen(function*() {
      assert.deepEqual(
        yield* refusal(1),
        new InsufficientCredits({ required: 1, available: -3.5, reserved: 0, safetyMargin: 0 })
      )
    }).pipe(Effect.provide(budget({}, -3.5))))
})

describe("what a reservation is given", () => {
  for (const cost of [Number.NaN, -1, Number.POSITIVE_INFINITY]) {
    it.effect(`a cost of ${cost} fails with an error that names it, and sends nothing`, () =>
      Effect.gen(function*() {
        const told = yield* CreditBudget.withReservation(cost)(Effect.die("ran")).pipe(Effect.flip)
        assert.instanceOf(told, PolloConfigError)
        assert.strictEqual(told.message, "cost must be a finite number of credits, 0 or more")
        assert.deepEqual(yield* Effect.flip(CreditBudget.reserve(cost)), told)
        assert.strictEqual(yield* requests, 0)
      }).pipe(Effect.scoped, Effect.provide(budget({}, 40))))
  }

  it.effect("an invalid wait fails in the same way", () =>
    Effect.gen(function*() {
      const patient = (wait: CreditBudget.Wait) => Effect.flip(CreditBudget.reserve(1, { wait }))
      assert.include((yield* patient({ for: Number.NaN })).message, "wait.for must be a duration")
      assert.include((yield* patient({ for: "-1 seconds" })).message, "wait.for must not be negative")
      assert.include((yield* patient({ for: 1, pollEvery: 0 })).message, "wait.pollEvery must be longer than zero")
      assert.strictEqual(yield* requests, 0)
    }).pipe(Effect.scoped, Effect.provide(budget({}, 40))))

  it.effect("an invalid job does not run, and what an async function began is taken for charged", () =>
    Effect.gen(function*() {
      // As plain JavaScript may have it.
      const give = (cost: number, job: unknown) =>
        Effect.flip(CreditBudget.withReservation(cost)<void, never, never>(job as never))
      const none = yield* give(1, null)
      assert.strictEqual(none.message, "job must be an Effect or a function that returns one")
      assert.strictEqual(yield* requests, 0)
      const promised = yield* give(7, () => Promise.resolve())
      assert.include(promised.message, "job must return an Effect")
      assert.strictEqual((yield* CreditBudget.status).reserved, 7)
    }).pipe(Effect.provide(budget({}, 40))))

  const impossible: Array<[CreditBudget.Options, string]> = [
    [{ safetyMargin: -1 }, "safetyMargin must be a finite number of credits, 0 or more"],
    [{ safetyMargin: Number.NaN }, "safetyMargin must be a finite number of credits, 0 or more"],
    [{ chargeLag: "-1 seconds" }, "chargeLag must not be negative"],
    [{ chargeLag: "Infinity" }, "chargeLag must be finite"],
    // @ts-expect-error as plain JavaScript may have it
    [{ onUnreadable: "alow" }, "onUnreadable must be \"fail\" or \"allow\""]
  ]
  for (const [options, message] of impossible) {
    it.effect(`no budget is built from ${JSON.stringify(options)}: ${message}`, () =>
      Effect.gen(function*() {
        const told = yield* Effect.flip(Layer.build(budget(options, 40)))
        assert.instanceOf(told, PolloConfigError)
        assert.strictEqual(told.message, message)
      }).pipe(Effect.scoped))
  }
})

describe("readings", () => {
  it.effect("one for each reservation made on its own", () =>
    Effect.gen(function*() {
      for (let count = 1; count <= 3; count++) {
        yield* CreditBudget.withReservation(10)(Effect.void)
        assert.strictEqual(yield* requests, count)
      }
    }).pipe(Effect.provide(budget({}, 40))))

  it.effect("two at most for any number of reservations made at once", () =>
    Effect.gen(function*() {
      const jobs = Effect.all(
        Array.from({ length: 500 }, () => Effect.exit(CreditBudget.withReservation(1)(Effect.sleep("1 second")))),
        { concurrency: "unbounded" }
      )
      const fiber = yield* Effect.forkChild(jobs)
      yield* TestClock.adjust("3 seconds")
      const ran = (yield* Fiber.join(fiber)).filter(Exit.isSuccess)
      assert.strictEqual(ran.length, 300)
      assert.isAtMost(yield* requests, 2)
    }).pipe(Effect.provide(budget({}, delay("100 millis", 300)))))

  it.effect("never a reading that was requested before the reservation asked", () =>
    Effect.gen(function*() {
      const early = yield* Effect.forkChild(CreditBudget.withReservation(1)(Effect.void))
      yield* TestClock.adjust("500 millis")
      const late = yield* Effect.forkChild(refusal(30))
      yield* TestClock.adjust("500 millis")
      yield* Fiber.join(early)
      yield* TestClock.adjust("1 second")
      const told = yield* Fiber.join(late)
      assert.deepEqual(told, new InsufficientCredits({ required: 30, available: 20, reserved: 0, safetyMargin: 0 }))
    }).pipe(Effect.provide(budget({}, [delay("1 second", 100), delay("1 second", 20)]))))

  it.effect("a reading that nobody waits for any more is aborted", () =>
    Effect.gen(function*() {
      const fibers = [
        yield* Effect.forkChild(CreditBudget.withReservation(1)(Effect.void)),
        yield* Effect.forkChild(CreditBudget.withReservation(1)(Effect.void))
      ]
      const outcomes = Effect.map(PolloCreditsTest.calls, (calls) => calls.map((call) => call.outcome))
      yield* TestClock.adjust("1 second")
      yield* Fiber.interrupt(fibers[0] ?? assert.fail())
      assert.deepEqual(yield* outcomes, ["Running"])
      yield* Fiber.interrupt(fibers[1] ?? assert.fail())
      assert.deepEqual(yield* outcomes, ["Interrupted"])
      assert.strictEqual((yield* CreditBudget.status).reserved, 0)
      yield* CreditBudget.withReservation(1)(Effect.void)
    }).pipe(Effect.provide(budget({}, [Effect.never, 40]))))

  it.effect("a defect in a reading fails the reservations that wait for it, and the next reading works again", () =>
    Effect.gen(function*() {
      const exit = yield* Effect.exit(CreditBudget.withReservation(1)(Effect.void))
      assert.isTrue(Exit.hasDies(exit))
      yield* CreditBudget.withReservation(1)(Effect.void)
    }).pipe(Effect.provide(budget({}, (call) => call === 1 ? Effect.die("broken") : 40))))
})

describe("a balance that cannot be read", () => {
  it.effect("fails the reservation with the PolloError, and holds nothing", () =>
    Effect.gen(function*() {
      const told = yield* CreditBudget.withReservation(1)(Effect.die("ran")).pipe(Effect.flip)
      assert.strictEqual(told._tag, "PolloUnauthorized")
      assert.strictEqual(yield* reservedNow, 0)
    }).pipe(Effect.provide(budget({}, [error.unauthorized(), 40]))))

  it.effect("with onUnreadable: \"allow\" lets the job run, and counts its credits from then on", () =>
    Effect.gen(function*() {
      yield* CreditBudget.reserve(30)
      const told = yield* refusal(11)
      assert.deepEqual(told, new InsufficientCredits({ required: 11, available: 40, reserved: 30, safetyMargin: 0 }))
    }).pipe(Effect.scoped, Effect.provide(budget({ onUnreadable: "allow" }, [error.serverError(), 40]))))
})

describe("fractions of credits", () => {
  it.effect("are never rounded in favour of the spender", () =>
    Effect.gen(function*() {
      const told = yield* Effect.flip(CreditBudget.withReservation(1.0000004)(Effect.die("ran")))
      assert.strictEqual(told._tag, "InsufficientCredits")
      yield* CreditBudget.withReservation(1)(Effect.void)
    }).pipe(Effect.provide(budget({}, 1.0000003))))
})

describe("the end of the layer", () => {
  it.effect("interrupts those who wait, and those who come too late", () =>
    Effect.gen(function*() {
      const patient = CreditBudget.withReservation(1, { wait: { for: "Infinity" } })(Effect.void)
      const { context, waiting } = yield* Effect.scoped(Effect.gen(function*() {
        const context = yield* Layer.build(budget({}, Effect.never))
        const waiting = yield* Effect.forkDetach(Effect.provideContext(patient, context))
        yield* TestClock.adjust("1 minute")
        return { context, waiting }
      }))
      assert.isTrue(Exit.hasInterrupts(yield* Fiber.await(waiting)))
      assert.isTrue(Exit.hasInterrupts(yield* Effect.exit(Effect.provideContext(patient, context))))
    }))
})
