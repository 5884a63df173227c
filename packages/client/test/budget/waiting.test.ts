import { CreditBudget, InsufficientCredits } from "@effect-pollo/client/CreditBudget"
import { PolloCreditsTest } from "@effect-pollo/client/testing"
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Duration, Effect, Exit, Fiber, Layer } from "effect"
import { TestClock } from "effect/testing"

const { delay, error } = PolloCreditsTest

const budget = (script: PolloCreditsTest.Script) =>
  Layer.provideMerge(CreditBudget.layer(), PolloCreditsTest.layer(script))

const requests = Effect.map(PolloCreditsTest.calls, (calls) => calls.length)
const minutes = (count: number) => ({ wait: { for: Duration.minutes(count), pollEvery: "10 seconds" } as const })

/** Starts a job that waits, and goes on when it stands in line. */
const queue = Effect.fnUntraced(function*<A, E>(cost: number, job: Effect.Effect<A, E>, options = minutes(10)) {
  const fiber = yield* Effect.forkChild(CreditBudget.withReservation(cost, options)(job))
  yield* TestClock.adjust(0)
  return fiber
})

const running = (fiber: Fiber.Fiber<unknown, unknown>) => fiber.pollUnsafe() === undefined

describe("waiting for credits", () => {
  it.effect("ends with a top-up, found by the next poll", () =>
    Effect.gen(function*() {
      const fiber = yield* queue(30, Effect.succeed("ran"))
      assert.deepEqual(yield* CreditBudget.status, {
        available: 5,
        reserved: 0,
        reservations: 0,
        waiting: 30,
        limits: []
      })
      yield* TestClock.adjust("20 seconds")
      assert.strictEqual(yield* requests, 3)
      yield* PolloCreditsTest.answer(100)
      yield* TestClock.adjust("9999 millis")
      assert.isTrue(running(fiber))
      yield* TestClock.adjust("1 millis")
      assert.strictEqual(yield* Fiber.join(fiber), "ran")
      assert.strictEqual((yield* CreditBudget.status).waiting, 0)
    }).pipe(Effect.provide(budget(5))))

  it.effect("ends with the last refusal when the time is over, and leaves the line", () =>
    Effect.gen(function*() {
      const fiber = yield* queue(30, Effect.die("ran"), minutes(1))
      yield* TestClock.adjust("59 seconds")
      yield* PolloCreditsTest.answer(7)
      assert.isTrue(running(fiber))
      yield* CreditBudget.withReservation(1)(Effect.void).pipe(Effect.exit)
      yield* TestClock.adjust("1 second")
      assert.deepEqual(
        yield* Effect.flip(Fiber.join(fiber)),
        new InsufficientCredits({ required: 30, available: 7, reserved: 0, safetyMargin: 0 })
      )
      assert.strictEqual((yield* CreditBudget.status).waiting, 0)
      const before = yield* requests
      yield* TestClock.adjust("1 hour")
      assert.strictEqual(yield* requests, before)
    }).pipe(Effect.provide(budget(5))))

  it.effect("with no reading at all by then, ends with a timeout", () =>
    Effect.gen(function*() {
      const fiber = yield* queue(30, Effect.die("ran"), minutes(1))
      yield* TestClock.adjust("1 minute")
      const told = yield* Effect.flip(Fiber.join(fiber))
      assert.deepInclude(told, { _tag: "PolloTimeout", phase: "deadline", attempts: 0 })
    }).pipe(Effect.provide(budget(Effect.never))))

  it.effect("is first come, first served: a large job holds up smaller ones behind it", () =>
    Effect.gen(function*() {
      const end = yield* Deferred.make<void>()
      const large = yield* queue(50, Deferred.await(end))
      const small = yield* queue(5, Effect.void)
      yield* TestClock.adjust("1 minute")
      assert.isTrue(running(large) && running(small))

      const hasty = yield* Effect.flip(CreditBudget.withReservation(5)(Effect.die("overtook")))
      assert.deepEqual(
        hasty,
        new InsufficientCredits({ required: 5, available: 20, reserved: 55, safetyMargin: 0 })
      )
      yield* TestClock.adjust(0)
      yield* PolloCreditsTest.answer(54)
      yield* TestClock.adjust("10 seconds")
      assert.deepEqual(yield* CreditBudget.status, {
        available: 54,
        reserved: 50,
        reservations: 1,
        waiting: 5,
        limits: []
      })
      yield* PolloCreditsTest.answer(5)
      yield* Deferred.succeed(end, undefined)
      yield* Fiber.join(large)
      yield* Fiber.join(small)
    }).pipe(Effect.provide(budget(20))))

  it.effect("goes on for the others when one is interrupted, each in its place", () =>
    Effect.gen(function*() {
      const order: Array<number> = []
      const fibers = []
      for (let place = 1; place <= 4; place++) fibers.push(yield* queue(10, Effect.sync(() => order.push(place))))
      yield* Fiber.interrupt(fibers[0] ?? assert.fail())
      yield* Fiber.interrupt(fibers[2] ?? assert.fail())
      assert.strictEqual((yield* CreditBudget.status).waiting, 20)
      yield* PolloCreditsTest.answer(10)
      yield* Fiber.join(fibers[1] ?? assert.fail())
      yield* Fiber.join(fibers[3] ?? assert.fail())
      assert.deepEqual(order, [2, 4])
    }).pipe(Effect.provide(budget(5))))

  it.effect("moves up at once when the one that blocked the line leaves it", () =>
    Effect.gen(function*() {
      const large = yield* queue(50, Effect.void)
      const small = yield* queue(5, Effect.void)
      yield* Fiber.interrupt(large)
      yield* TestClock.adjust(0)
      yield* Fiber.join(small)
    }).pipe(Effect.provide(budget(20))))

  it.effect("looks again at once when a job of this program ends", () =>
    Effect.gen(function*() {
      const end = yield* Deferred.make<void>()
      const job = yield* queue(20, Effect.andThen(Deferred.await(end), Effect.fail("not charged")))
      const next = yield* queue(20, Effect.void)
      assert.isTrue(running(next))
      yield* Deferred.succeed(end, undefined)
      yield* Fiber.await(job)
      yield* TestClock.adjust(0)
      yield* Fiber.join(next)
      assert.strictEqual(yield* requests, 3)
    }).pipe(Effect.provide(budget(20))))

  it.effect("outlasts a server that is down, but not a key that was revoked", () =>
    Effect.gen(function*() {
      const fiber = yield* queue(30, Effect.die("ran"))
      yield* TestClock.adjust("30 seconds")
      assert.isTrue(running(fiber))
      yield* TestClock.adjust("10 seconds")
      assert.strictEqual((yield* Effect.flip(Fiber.join(fiber)))._tag, "PolloUnauthorized")
      assert.strictEqual((yield* CreditBudget.status).waiting, 0)
    }).pipe(
      Effect.provide(budget([5, error.serverError(), error.timeout({ phase: "attempt" }), 5, error.unauthorized()]))
    ))

  it.effect("ends with the error of the last reading when that failed", () =>
    Effect.gen(function*() {
      const fiber = yield* queue(30, Effect.die("ran"), minutes(1))
      yield* TestClock.adjust("1 minute")
      assert.strictEqual((yield* Effect.flip(Fiber.join(fiber)))._tag, "PolloServerError")
    }).pipe(Effect.provide(budget([5, error.serverError()]))))

  it.effect("an interruption in the moment of admission leaves no hold", () =>
    Effect.gen(function*() {
      const fiber = yield* Effect.forkChild(CreditBudget.withReservation(30)(Effect.die("ran")))
      const interrupter = yield* Effect.forkChild(Effect.andThen(Effect.sleep("1 second"), Fiber.interrupt(fiber)))
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(interrupter)
      assert.isTrue(Exit.hasInterrupts(yield* Fiber.await(fiber)))
      assert.strictEqual((yield* CreditBudget.status).reserved, 0)
    }).pipe(Effect.provide(budget(delay("1 second", 40)))))
})
