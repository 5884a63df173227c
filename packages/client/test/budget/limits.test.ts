import { PolloConfigError, PolloError } from "@effect-pollo/client"
import { CreditBudget, SpendLimitReached } from "@effect-pollo/client/CreditBudget"
import { PolloCreditsTest } from "@effect-pollo/client/testing"
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Duration, Effect, Fiber, Layer, Schema } from "effect"
import { TestClock } from "effect/testing"

const day = 86_400_000

const budget = (
  limits: ReadonlyArray<CreditBudget.Limit>,
  script: PolloCreditsTest.Script = 1000,
  options: CreditBudget.Options = {}
) => Layer.provideMerge(CreditBudget.layer({ ...options, limits }), PolloCreditsTest.layer(script))

const spend = (cost: number, label?: string) => CreditBudget.withReservation(cost, { label })(Effect.void)
const refusal = (cost: number, label?: string) =>
  Effect.flip(CreditBudget.withReservation(cost, { label })(Effect.die("ran")))
const standing = Effect.map(CreditBudget.status, ({ limits }) => limits)
/** Goes on when it stands in line. */
const start = <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.tap(Effect.forkChild(effect), TestClock.adjust(0))
const wait = { for: "Infinity", pollEvery: "1 minute" } as const
const waits = (cost: number, label?: string) =>
  start(CreditBudget.withReservation(cost, { label, wait })(Effect.succeed("ran")))

const teamA = { credits: 100, every: "1 day", label: "team-a" } as const

describe("a limit", () => {
  it.effect("stops spending only under its label", () =>
    Effect.gen(function*() {
      yield* TestClock.adjust("10 hours")
      yield* spend(80, "team-a")
      const told = yield* refusal(30, "team-a")
      assert.deepEqual(
        told,
        new SpendLimitReached({
          limit: 100,
          label: "team-a",
          required: 30,
          spent: 80,
          reserved: 0,
          resetsAt: DateTime.makeUnsafe(day)
        })
      )
      yield* spend(300, "team-b")
      yield* spend(300)
      yield* spend(20, "team-a")
    }).pipe(Effect.provide(budget([teamA]))))

  it.effect("without a label limits all spending", () =>
    Effect.gen(function*() {
      yield* spend(60, "team-a")
      yield* CreditBudget.reserve(30)
      const told = yield* refusal(11, "team-b")
      assert.deepInclude(told, { _tag: "SpendLimitReached", limit: 100, required: 11, spent: 60, reserved: 30 })
      assert.notProperty(told, "label")
      yield* spend(10)
    }).pipe(Effect.scoped, Effect.provide(budget([{ credits: 100, every: "1 hour" }]))))

  it.effect("begins anew with each period, counted from 1970", () =>
    Effect.gen(function*() {
      yield* TestClock.adjust("23 hours")
      yield* spend(100, "team-a")
      yield* refusal(1, "team-a")
      yield* TestClock.adjust("59 minutes")
      yield* refusal(1, "team-a")
      yield* TestClock.adjust("1 minute")
      yield* spend(100, "team-a")
      assert.deepInclude(yield* refusal(1, "team-a"), { resetsAt: DateTime.makeUnsafe(2 * day) })
    }).pipe(Effect.provide(budget([teamA]))))

  it.effect("counts a job in the period of its admission, however late it is charged", () =>
    Effect.gen(function*() {
      yield* TestClock.adjust("23 hours")
      const reservation = yield* CreditBudget.reserve(60, { label: "team-a" })
      yield* TestClock.adjust("2 hours")
      yield* reservation.settle(60)
      assert.deepInclude((yield* standing)[0], { spent: 0, reserved: 0 })
      yield* spend(100, "team-a")
      yield* TestClock.setTime(day - 1)
      assert.deepInclude((yield* standing)[0], { spent: 60, reserved: 0 })
      assert.deepInclude(yield* refusal(41, "team-a"), { spent: 60 })
    }).pipe(Effect.scoped, Effect.provide(budget([teamA]))))

  it.effect("counts a waiting job in the period in which it is admitted", () =>
    Effect.gen(function*() {
      const fiber = yield* waits(60, "team-a")
      yield* TestClock.adjust(day - 60_000)
      yield* PolloCreditsTest.answer(1000)
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(yield* Fiber.join(fiber), "ran")
      assert.deepInclude((yield* standing)[0], { spent: 60, resetsAt: DateTime.makeUnsafe(2 * day) })
    }).pipe(Effect.provide(budget([teamA], 0))))

  it.effect("counts what was settled, and a release gives back", () =>
    Effect.gen(function*() {
      yield* CreditBudget.withReservation(60, { label: "team-a" })(({ settle }) => settle(25))
      yield* CreditBudget.withReservation(60, { label: "team-a" })(Effect.fail("not charged")).pipe(Effect.flip)
      yield* CreditBudget.withReservation(60, { label: "team-a" })(({ release }) => release)
      assert.deepInclude((yield* standing)[0], { spent: 25, reserved: 0 })
      yield* spend(75, "team-a")
    }).pipe(Effect.provide(budget([teamA]))))

  it.effect("follows the last word of a job, also when readings have shown the ones before", () =>
    Effect.gen(function*() {
      const { charged, release, settle } = yield* CreditBudget.reserve(60, { label: "team-a" })
      const spent = Effect.map(Effect.andThen(spend(0), standing), (limits) => limits[0]?.spent)
      yield* charged
      assert.strictEqual(yield* spent, 60)
      yield* settle(70)
      yield* settle(25)
      assert.strictEqual(yield* spent, 25)
      yield* settle(30)
      assert.strictEqual(yield* spent, 30)
      yield* release
      assert.strictEqual(yield* spent, 0)
    }).pipe(Effect.scoped, Effect.provide(budget([teamA]))))

  it.effect("holds when the balance cannot be read and jobs are admitted all the same", () =>
    Effect.gen(function*() {
      yield* spend(100, "team-a")
      assert.deepInclude(yield* refusal(1, "team-a"), { _tag: "SpendLimitReached", spent: 100 })
    }).pipe(Effect.provide(budget([teamA], PolloCreditsTest.error.serverError(), { onUnreadable: "allow" }))))

  it.effect("whose period ends last is named in the error, because waiting helps no sooner", () =>
    Effect.gen(function*() {
      yield* spend(50)
      assert.deepInclude(yield* refusal(1), { limit: 50, resetsAt: DateTime.makeUnsafe(day) })
    }).pipe(
      Effect.provide(budget([{ credits: 50, every: "1 minute" }, { credits: 50, every: "1 day" }, {
        credits: 50,
        every: "1 hour"
      }]))
    ))

  it.effect("below the cost refuses at once, without a reading and without a wait", () =>
    Effect.gen(function*() {
      yield* CreditBudget.reserve(40, { label: "team-a" })
      const told = yield* Effect.flip(CreditBudget.withReservation(100.5, { label: "team-a", wait })(Effect.void))
      assert.deepInclude(told, {
        _tag: "SpendLimitReached",
        limit: 100,
        required: 100.5,
        reserved: 40,
        isTransient: false
      })
      assert.strictEqual((yield* PolloCreditsTest.calls).length, 1)
    }).pipe(Effect.scoped, Effect.provide(budget([teamA]))))
})

describe("who waits for a limit", () => {
  it.effect("is admitted when the period ends, before the next poll", () =>
    Effect.gen(function*() {
      yield* TestClock.adjust(day - 90_500)
      yield* spend(100, "team-a")
      const fiber = yield* waits(70, "team-a")
      yield* TestClock.adjust(90_499)
      assert.isUndefined(fiber.pollUnsafe())
      yield* TestClock.adjust(1)
      assert.strictEqual(yield* Fiber.join(fiber), "ran")
    }).pipe(Effect.provide(budget([teamA]))))

  it.effect("is admitted when a job under the label gives back", () =>
    Effect.gen(function*() {
      const { release } = yield* CreditBudget.reserve(60, { label: "team-a" })
      const fiber = yield* waits(70, "team-a")
      assert.isUndefined(fiber.pollUnsafe())
      yield* release
      assert.strictEqual(yield* Fiber.join(fiber), "ran")
    }).pipe(Effect.scoped, Effect.provide(budget([teamA]))))

  it.effect("holds up only the reservations under the same limit", () =>
    Effect.gen(function*() {
      yield* CreditBudget.reserve(60, { label: "team-a" })
      yield* waits(50, "team-a")
      const told = yield* refusal(10, "team-a")
      assert.deepInclude(told, { _tag: "SpendLimitReached", spent: 0, reserved: 110, required: 10 })
      yield* CreditBudget.reserve(800, { label: "team-b" })
      assert.deepInclude(yield* refusal(141), { _tag: "InsufficientCredits", available: 1000, reserved: 860 })
    }).pipe(Effect.scoped, Effect.provide(budget([teamA]))))

  it.effect("holds up all reservations when the limit is for all spending", () =>
    Effect.gen(function*() {
      yield* spend(60, "team-a")
      yield* waits(50, "team-a")
      const told = yield* refusal(10, "team-b")
      assert.deepInclude(told, { _tag: "SpendLimitReached", spent: 60, reserved: 50, required: 10 })
    }).pipe(Effect.provide(budget([{ credits: 100, every: "1 day" }]))))

  it.effect("holds up all reservations when the balance is too low", () =>
    Effect.gen(function*() {
      yield* waits(90, "team-a")
      assert.deepInclude(yield* refusal(10, "team-b"), { _tag: "InsufficientCredits", reserved: 90 })
    }).pipe(Effect.provide(budget([teamA], 50))))

  it.effect("that ends without success fails with the limit, or with the balance if that is too low", () =>
    Effect.gen(function*() {
      const vain = (cost: number, label: string, seconds: number) => {
        const wait = { for: Duration.seconds(seconds), pollEvery: "1 second" } as const
        return start(Effect.flip(CreditBudget.withReservation(cost, { label, wait })(Effect.die("ran"))))
      }
      yield* spend(80, "team-a")
      const first = yield* vain(30, "team-a", 10)
      const behind = yield* vain(5, "team-a", 9)
      const other = yield* vain(1001, "team-b", 10)
      yield* TestClock.adjust("10 seconds")
      assert.deepInclude(yield* Fiber.join(first), { _tag: "SpendLimitReached", spent: 80, reserved: 0, required: 30 })
      assert.deepInclude(yield* Fiber.join(behind), { _tag: "SpendLimitReached", spent: 80, reserved: 30, required: 5 })
      assert.deepInclude(yield* Fiber.join(other), { _tag: "InsufficientCredits", required: 1001, available: 1000 })
    }).pipe(Effect.provide(budget([teamA]))))
})

describe("what is known of limits", () => {
  it.effect("is part of the status, in the order in which they were given", () =>
    Effect.gen(function*() {
      yield* spend(30, "team-a")
      yield* CreditBudget.reserve(5.5, { label: "team-a" })
      yield* CreditBudget.reserve(7)
      assert.deepEqual(yield* standing, [
        {
          credits: 100,
          every: Duration.days(1),
          label: "team-a",
          spent: 30,
          reserved: 5.5,
          resetsAt: DateTime.makeUnsafe(day),
          incomplete: false
        },
        {
          credits: 2000.5,
          every: Duration.hours(1),
          spent: 30,
          reserved: 12.5,
          resetsAt: DateTime.makeUnsafe(3_600_000),
          incomplete: false
        }
      ])
    }).pipe(Effect.scoped, Effect.provide(budget([teamA, { credits: 2000.5, every: "1 hour" }]))))

  it.effect("is incomplete in the period in which the program starts, and says so until it ends", () =>
    Effect.gen(function*() {
      yield* TestClock.adjust("1 minute")
      const { status } = yield* CreditBudget.make({ limits: [teamA] })
      assert.deepInclude((yield* status).limits[0], { incomplete: true })
      yield* TestClock.setTime(day - 1)
      assert.deepInclude((yield* status).limits[0], { incomplete: true })
      yield* TestClock.setTime(day)
      assert.deepInclude((yield* status).limits[0], { incomplete: false })
    }).pipe(Effect.scoped, Effect.provide(PolloCreditsTest.layer(1000))))

  it.effect("is kept for 32 periods with spending, and for the period that a clock goes back to", () =>
    Effect.gen(function*() {
      for (let period = 0; period < 34; period++) {
        yield* TestClock.setTime(period * 2000)
        yield* spend(1)
      }
      const spentIn = (period: number) =>
        Effect.andThen(TestClock.setTime(period * 2000), Effect.map(standing, (limits) => limits[0]?.spent))
      assert.deepEqual(yield* Effect.forEach([0, 1, 2, 33], spentIn), [0, 0, 1, 1])
      yield* TestClock.setTime(0)
      yield* spend(5)
      assert.deepInclude(yield* refusal(1), { _tag: "SpendLimitReached", spent: 5 })
    }).pipe(Effect.provide(budget([{ credits: 5, every: "1 second" }]))))
})

describe("SpendLimitReached", () => {
  const told = new SpendLimitReached({
    limit: 100,
    label: "team-a",
    required: 30,
    spent: 60.5,
    reserved: 20,
    resetsAt: DateTime.makeUnsafe("2026-11-29T00:00:00Z")
  })

  it("goes through JSON and comes back, with a label or without", () => {
    const codec = Schema.toCodecJson(SpendLimitReached)
    for (
      const error of [
        told,
        new SpendLimitReached({ limit: 1, required: 1, spent: 1, reserved: 0, resetsAt: told.resetsAt })
      ]
    ) {
      const json = JSON.parse(JSON.stringify(Schema.encodeSync(codec)(error)))
      assert.deepEqual(Schema.decodeUnknownSync(codec)(json), error)
    }
    assert.isFalse(Schema.is(PolloError)(told))
  })

  it("says what a person can do, and a policy whether it passes", () => {
    assert.strictEqual(
      told.message,
      "the job needs 30 credits, and the label \"team-a\" has a limit of 100: 60.5 spent, 20 reserved; " +
        "wait for other jobs to end, or for 2026-11-29T00:00:00.000Z"
    )
    assert.deepEqual([told.isRetryable, told.isTransient], [false, true])
  })
})

describe("what cannot be a limit or a label", () => {
  const problem = (limits: unknown) =>
    Effect.flip(CreditBudget.make({ limits: limits as ReadonlyArray<CreditBudget.Limit> })).pipe(
      Effect.scoped,
      Effect.provide(PolloCreditsTest.layer(1))
    )
  const wrong: ReadonlyArray<readonly [limits: unknown, field: string]> = [
    [null, "limits"],
    ["1 day", "limits"],
    [{ credits: 1, every: "1 day" }, "limits"],
    [[null], "limits[0]"],
    [[{ every: "1 day" }], "limits[0].credits"],
    [[{ credits: 1 }], "limits[0].every"],
    [[{ credits: -1, every: "1 day" }], "limits[0].credits"],
    [[{ credits: Number.NaN, every: "1 day" }], "limits[0].credits"],
    [[{ credits: "100", every: "1 day" }], "limits[0].credits"],
    [[{ credits: 1, every: 0 }], "limits[0].every"],
    [[{ credits: 1, every: "Infinity" }], "limits[0].every"],
    [[{ credits: 1, every: "40000 days" }], "limits[0].every"],
    [[{ credits: 1, every: "1 dya" }], "limits[0].every"],
    [[{ credits: 1, every: "1 day" }, { credits: 1, every: "1 day", label: "" }], "limits[1].label"],
    [[{ credits: 1, every: "1 day", label: null }], "limits[0].label"],
    [[{ credits: 1, every: "1 day", lable: "team-a" }], "limits[0].lable"],
    [[teamA, { ...teamA, credits: 5, every: "24 hours" }], "limits[1]"]
  ]
  it.effect.each(wrong)("%j is a mistake in %s", ([limits, field]) =>
    Effect.gen(function*() {
      const told = yield* problem(limits)
      assert.instanceOf(told, PolloConfigError)
      assert.strictEqual(told.field, field)
    }))

  it.effect("a label of no text, of too long a text, or of one that no store and no metric can show", () =>
    Effect.gen(function*() {
      for (const label of [null, 7, "", "a".repeat(101), "a\nb", "\uD800"]) {
        const told = yield* Effect.flip(CreditBudget.withReservation(1, { label: label as string })(Effect.die("ran")))
        assert.deepInclude(told, { _tag: "PolloConfigError", field: "label" })
      }
      yield* spend(1, "a team of 100 %: Ünïcode, too 🎬")
      assert.strictEqual((yield* PolloCreditsTest.calls).length, 1)
    }).pipe(Effect.provide(budget([]))))
})
