import { PolloConfigError } from "@effect-pollo/client"
import { CreditBudget } from "@effect-pollo/client/CreditBudget"
import { PolloCreditsTest } from "@effect-pollo/client/testing"
import { assert, describe, expectTypeOf, it } from "@effect/vitest"
import { Context, Effect, Exit, Fiber, Layer, type Scope } from "effect"
import { TestClock } from "effect/testing"

const budget = Layer.provideMerge(CreditBudget.layer(), PolloCreditsTest.layer(100))
const requests = Effect.map(PolloCreditsTest.calls, (calls) => calls.length)

/** Quotes that many credits, and knows how often it was asked. */
const vendor = (credits: number) => {
  let asked = 0
  return { asked: () => asked, quote: Effect.sync(() => (asked++, credits)) }
}

class Estimates extends Context.Service<Estimates, { readonly credits: number }>()("Estimates") {}

describe("a quote in place of a cost", () => {
  it("brings its errors and needs into the types", () => {
    const quote = Effect.map(Estimates, ({ credits }) => credits).pipe(Effect.andThen(Effect.fail("no quote")))
    const job = Effect.succeed("video") as Effect.Effect<string, "own error", "own service">
    expectTypeOf(CreditBudget.withReservation(quote)(job)).toEqualTypeOf<
      Effect.Effect<string, "own error" | string | CreditBudget.Refusal, "own service" | Estimates | CreditBudget>
    >()
    expectTypeOf(CreditBudget.reserve(quote)).toEqualTypeOf<
      Effect.Effect<CreditBudget.Reservation, string | CreditBudget.Refusal, Estimates | CreditBudget | Scope.Scope>
    >()
    expectTypeOf(CreditBudget.reserve(Effect.succeed(1))).toEqualTypeOf(CreditBudget.reserve(1))
    // @ts-expect-error a quote is a number of credits
    assert.isDefined(CreditBudget.reserve(Effect.succeed("30")))
  })

  it.effect("is what is held, and what the job can settle", () =>
    Effect.gen(function*() {
      const { asked, quote } = vendor(30.5)
      yield* CreditBudget.withReservation(quote)(({ cost }) =>
        Effect.gen(function*() {
          assert.strictEqual(cost, 30.5)
          assert.deepInclude(yield* CreditBudget.status, { reserved: 30.5 })
        })
      )
      const reservation = yield* CreditBudget.reserve(quote)
      yield* reservation.charged
      assert.deepInclude(yield* CreditBudget.status, { reserved: 30.5 })
      assert.strictEqual(asked(), 2)
    }).pipe(Effect.scoped, Effect.provide(budget)))

  it.effect("is asked for once, before the line, however long the reservation waits", () =>
    Effect.gen(function*() {
      const { asked, quote } = vendor(150)
      const wait = { for: "1 hour", pollEvery: "1 minute" } as const
      const slow = Effect.delay(quote, "2 hours")
      const video = yield* Effect.forkChild(CreditBudget.withReservation(slow, { wait })(Effect.succeed("video")))
      yield* TestClock.adjust("119 minutes")
      assert.deepInclude(yield* CreditBudget.status, { waiting: 0 })
      yield* CreditBudget.withReservation(100)(Effect.fail("not charged")).pipe(Effect.flip)
      yield* TestClock.adjust("30 minutes")
      assert.deepInclude(yield* CreditBudget.status, { waiting: 150 })
      yield* PolloCreditsTest.answer(150)
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(yield* Fiber.join(video), "video")
      assert.strictEqual(asked(), 1)
    }).pipe(Effect.provide(budget)))

  it.effect.each(
    [-1, Number.NaN, Infinity, -Infinity, 1e300, 9_007_199_255, "30", null, undefined, {}, [30]].map((
      quoted
    ) => [quoted])
  )("of %s is refused as such a cost is, and nothing is asked for or held", ([quoted]) =>
    Effect.gen(function*() {
      const credits = quoted as number
      const refused = yield* Effect.flip(CreditBudget.reserve(Effect.succeed(credits)))
      assert.instanceOf(refused, PolloConfigError)
      assert.strictEqual(refused.field, "cost")
      assert.deepEqual(refused, yield* Effect.flip(CreditBudget.reserve(credits)))
      const ran = yield* Effect.exit(CreditBudget.withReservation(Effect.succeed(credits))(Effect.void))
      assert.deepEqual(ran, Exit.fail(refused))
      assert.deepEqual(yield* CreditBudget.holds, [])
      assert.strictEqual(yield* requests, 0)
    }).pipe(Effect.scoped, Effect.provide(budget)))

  it.effect("that fails, dies or is interrupted ends the reservation so, and holds nothing", () =>
    Effect.gen(function*() {
      const end = (quote: Effect.Effect<number, string>) =>
        Effect.exit(CreditBudget.withReservation(quote)(Effect.void))
      assert.deepEqual(yield* end(Effect.fail("no quote")), Exit.fail("no quote"))
      assert.deepEqual(yield* end(Effect.die("broken")), Exit.die("broken"))
      const fiber = yield* Effect.forkChild(end(Effect.never))
      yield* TestClock.adjust(0)
      yield* Fiber.interrupt(fiber)
      assert.deepEqual(yield* CreditBudget.holds, [])
      assert.strictEqual(yield* requests, 0)
    }).pipe(Effect.provide(budget)))

  it.effect("is not asked for when the options or the job are a mistake", () =>
    Effect.gen(function*() {
      const { asked, quote } = vendor(30)
      const wait = { for: -1 }
      assert.deepInclude(yield* Effect.flip(CreditBudget.reserve(quote, { wait })), { field: "wait.for" })
      const job = yield* Effect.flip(CreditBudget.withReservation(quote)(null as never as Effect.Effect<void>))
      assert.deepInclude(job, { field: "job" })
      assert.strictEqual(asked(), 0)
    }).pipe(Effect.scoped, Effect.provide(budget)))
})
