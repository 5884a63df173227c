import { CreditBalance, PolloConfigError, PolloCredits, PolloError } from "@effect-pollo/client"
import * as testing from "@effect-pollo/client/testing"
import { PolloCreditsTest } from "@effect-pollo/client/testing"
import { assert, describe, expectTypeOf, it } from "@effect/vitest"
import { Cause, DateTime, Duration, Effect, Exit, Fiber, Layer, Schema } from "effect"
import { TestClock } from "effect/testing"

const { delay, error } = PolloCreditsTest

const available = Effect.map(PolloCredits.getBalance, (balance) => balance.availableCredits)
const outcomes = Effect.map(PolloCreditsTest.calls, (calls) => calls.map((call) => call.outcome))

describe("PolloCreditsTest.layer", () => {
  it("provides both services and needs nothing", () => {
    expectTypeOf(PolloCreditsTest.layer(42)).toEqualTypeOf<
      Layer.Layer<PolloCredits | PolloCreditsTest, PolloConfigError>
    >()
    assert.deepEqual(Object.keys(testing), ["PolloCreditsTest"])
  })

  it.effect("answers a number with that many credits of 1000, and without a script 1000", () =>
    Effect.gen(function*() {
      const balance = yield* PolloCredits.getBalance.pipe(Effect.provide(PolloCreditsTest.layer(12.5)))
      assert.instanceOf(balance, CreditBalance)
      assert.deepEqual({ ...balance }, { availableCredits: 12.5, totalCredits: 1000 })
      assert.strictEqual(yield* available.pipe(Effect.provide(PolloCreditsTest.layer())), 1000)
    }))

  it.effect("takes the steps in order and repeats the last", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* available, 42)
      assert.strictEqual((yield* Effect.flip(available))._tag, "PolloUnauthorized")
      assert.strictEqual(yield* available, -3)
      assert.strictEqual(yield* available, -3)
    }).pipe(
      Effect.provide(PolloCreditsTest.layer([42, error.unauthorized(), { availableCredits: -3, totalCredits: 7 }]))
    ))

  it.effect("asks a function for the step of each call", () =>
    Effect.gen(function*() {
      assert.deepEqual(yield* Effect.all([available, available, available]), [10, 20, 30])
    }).pipe(Effect.provide(PolloCreditsTest.layer((call) => call * 10))))

  it.effect("gives each build its own script and record", () =>
    Effect.gen(function*() {
      const layer = PolloCreditsTest.layer([1, 2])
      const program = Effect.andThen(available, Effect.all([available, outcomes]))
      assert.deepEqual(yield* program.pipe(Effect.provide(layer)), [2, ["Success", "Success"]])
      assert.deepEqual(yield* program.pipe(Effect.provide(layer)), [2, ["Success", "Success"]])
    }))

  it.effect("delays by the test's own clock, and records when a call began and ended", () =>
    Effect.gen(function*() {
      yield* TestClock.adjust("1 minute")
      const fiber = yield* Effect.forkChild(Effect.flip(available))
      yield* TestClock.adjust("1999 millis")
      assert.deepEqual(yield* outcomes, ["Running"])
      yield* TestClock.adjust("1 millis")
      assert.strictEqual((yield* Fiber.join(fiber))._tag, "PolloServerError")

      const calls = yield* PolloCreditsTest.calls
      assert.deepEqual(calls, [{
        number: 1,
        startedAt: DateTime.makeUnsafe(60_000),
        endedAt: DateTime.makeUnsafe(62_000),
        outcome: "PolloServerError"
      }])
    }).pipe(Effect.provide(PolloCreditsTest.layer(delay("2 seconds", error.serverError())))))

  it.effect("runs an effect as a step; one that never ends is recorded as interrupted", () =>
    Effect.gen(function*() {
      const fiber = yield* Effect.forkChild(available)
      yield* TestClock.adjust("1 hour")
      yield* Fiber.interrupt(fiber)
      assert.strictEqual(yield* available, 5)
      assert.deepEqual(yield* outcomes, ["Interrupted", "Success"])
    }).pipe(Effect.provide(PolloCreditsTest.layer([Effect.never, Effect.succeed(5)]))))

  it.effect("records a defect of the script as one", () =>
    Effect.gen(function*() {
      assert.isTrue(Exit.hasDies(yield* Effect.exit(available)))
      assert.deepEqual(yield* outcomes, ["Defect"])
    }).pipe(Effect.provide(PolloCreditsTest.layer(() => Effect.die("a mistake in the test")))))

  it.effect("answers by another script from the next call on", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* available, 1)
      yield* PolloCreditsTest.answer((call) => 100 + call)
      assert.strictEqual(yield* available, 101)
      yield* PolloCreditsTest.answer([7, 8])
      assert.deepEqual(yield* Effect.all([available, available, available]), [7, 8, 8])
      assert.deepEqual((yield* PolloCreditsTest.calls).map((call) => call.number), [1, 2, 3, 4, 5])
    }).pipe(Effect.provide(PolloCreditsTest.layer([1, 2]))))

  it.effect("returns a copy of the record, which later calls do not change", () =>
    Effect.gen(function*() {
      const before = yield* PolloCreditsTest.calls
      yield* available
      assert.deepEqual(before, [])
    }).pipe(Effect.provide(PolloCreditsTest.layer())))

  const scripts: ReadonlyArray<readonly [string, PolloCreditsTest.Script]> = [
    ["a script without steps", []],
    ["a balance that is not a number", [1, Number.NaN]],
    ["an infinite total", { availableCredits: 1, totalCredits: Infinity }]
  ]
  it.effect.each(scripts)("fails to build from %s, and to take it over later", ([, script]) =>
    Effect.gen(function*() {
      const refused = yield* Effect.flip(Layer.build(PolloCreditsTest.layer(script)))
      assert.strictEqual(refused.field, "script")
      assert.deepEqual(yield* Effect.flip(PolloCreditsTest.answer(script)), refused)
      assert.strictEqual(yield* available, 5)
    }).pipe(Effect.scoped, Effect.provide(PolloCreditsTest.layer(5))))

  it.effect("dies by name of an invalid step that a function gives", () =>
    Effect.gen(function*() {
      const died = yield* available.pipe(Effect.provide(PolloCreditsTest.layer(() => Number.NaN)), Effect.exit)
      assert.instanceOf(Exit.isFailure(died) ? Cause.squash(died.cause) : undefined, PolloConfigError)
    }))

  const mistakes: ReadonlyArray<readonly [string, () => unknown, string]> = [
    ["a negative delay", () => delay("-1 second", 5), "delay"],
    ["a Retry-After that is no duration", () => error.rateLimited({ retryAfter: Number.NaN }), "retryAfter"]
  ]
  it.each(mistakes)("refuses %s by name", (_, make, field) => {
    try {
      make()
      assert.fail("it was accepted")
    } catch (cause) {
      assert.instanceOf(cause, PolloConfigError)
      assert.strictEqual(cause.field, field)
    }
  })
})

describe("PolloCreditsTest.error", () => {
  it("covers the union, each member valid and with the attempts that the default policy makes", () => {
    const errors = Object.values(error).map((make) => make())
    const tags = PolloError.members.map((member) => member.fields._tag.schema.literal)
    assert.sameMembers(errors.map((error) => error._tag), tags)
    for (const error of errors) {
      assert.isTrue(Schema.is(PolloError)(error))
      assert.strictEqual(error.attempts, error.isRetryable ? 4 : 1, error._tag)
    }
  })

  it("fills in what the client derives from a status", () => {
    assert.deepInclude(error.unauthorized(), {
      status: 401,
      code: "UNAUTHORIZED",
      message: "the server answered with status 401",
      issues: []
    })
    assert.deepInclude(error.serverError({ status: 501 }), { code: "NOT_IMPLEMENTED", attempts: 1 })
    assert.deepInclude(error.timeout({ phase: "deadline" }), { timeout: Duration.seconds(30), attempts: 1 })
    assert.deepInclude(error.invalidResponse({ reason: "Redirect" }), { status: 302 })
  })

  it("takes what is given", () => {
    const limited = error.rateLimited({ retryAfter: "10 seconds", attempts: 2, requestId: "r1", message: "slow down" })
    assert.deepInclude(limited, {
      retryAfter: Duration.seconds(10),
      attempts: 2,
      requestId: "r1",
      message: "slow down"
    })
    assert.deepEqual(error.badRequest({ status: 422, issues: ["no"] }).issues, [{ message: "no" }])
    assert.deepInclude(error.timeout({ timeout: "1 second" }), { phase: "attempt", timeout: Duration.seconds(1) })
    assert.strictEqual(error.transportError({ code: "ECONNRESET" }).code, "ECONNRESET")
  })
})
