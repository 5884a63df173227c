import type { PolloError } from "@effect-pollo/client"
import { PolloCreditsTest } from "@effect-pollo/client/testing"
import { assert, it } from "@effect/vitest"
import { Duration, Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import * as accounts from "../../src/exporter/account.ts"

const { delay, error } = PolloCreditsTest
const second = Duration.seconds(1)

const scripted = (script: PolloCreditsTest.Script) => PolloCreditsTest.layer(script)

const made = Effect.fnUntraced(function*(onChange: accounts.Settings["onChange"] = () => Effect.void) {
  const { look } = yield* accounts.make({ account: "team-a", timeToLive: Duration.minutes(1), onChange })
  return look(second)
})

const sent = Effect.map(PolloCreditsTest.calls, (calls) => calls.length)

it.effect("asks once for each time to live, however many look and however often", () =>
  Effect.gen(function*() {
    const look = yield* made()
    for (let minute = 1; minute <= 3; minute++) {
      const seen = yield* Effect.all(Array.from({ length: 50 }, () => look), { concurrency: "unbounded" })
      assert.isTrue(seen.every(({ stale }) => !stale))
      yield* TestClock.adjust("59 seconds")
      yield* look
      assert.strictEqual(yield* sent, minute)
      yield* TestClock.adjust("1 second")
    }
  }).pipe(Effect.provide(scripted(700))))

it.effect("asks a vendor that refuses the key once for each time to live too", () =>
  Effect.gen(function*() {
    const look = yield* made()
    for (let minute = 1; minute <= 3; minute++) {
      for (let scrape = 0; scrape < 6; scrape++) {
        assert.isTrue((yield* look).stale)
        yield* TestClock.adjust("10 seconds")
      }
      assert.strictEqual(yield* sent, minute)
    }
    assert.strictEqual((yield* look).outcomes.PolloNotFound, 4)
  }).pipe(Effect.provide(scripted(error.notFound()))))

it.effect("gives the newest reading as a stale one in an outage, however long it is", () =>
  Effect.gen(function*() {
    const look = yield* made()
    const { reading } = yield* look
    yield* TestClock.adjust("3 days")
    const later = yield* look
    assert.strictEqual(reading?.balance.availableCredits, 900)
    assert.deepStrictEqual([later.reading, later.stale, later.outcomes.PolloServerError], [reading, true, 1])
    // Within the time to live of the failure nobody is asked.
    yield* look
    assert.strictEqual(yield* sent, 2)
    yield* TestClock.adjust("1 minute")
    assert.deepInclude(yield* look, { stale: false })
  }).pipe(Effect.provide(scripted([900, error.serverError(), 880]))))

it.effect("does not wait for a slow vendor longer than it is told to, and has the answer for the next who looks", () =>
  Effect.gen(function*() {
    const look = yield* made()
    const first = yield* Effect.forkChild(look)
    yield* TestClock.adjust("999 millis")
    assert.isUndefined(first.pollUnsafe())
    yield* TestClock.adjust("1 millis")
    assert.deepInclude(yield* Fiber.join(first), { reading: undefined, stale: true })
    yield* TestClock.adjust("19 seconds")
    const second = yield* look
    assert.deepStrictEqual([second.reading?.balance.availableCredits, second.stale], [500, false])
    assert.strictEqual(yield* sent, 1)
  }).pipe(Effect.provide(scripted(delay("20 seconds", 500)))))

it.effect("one who leaves takes the call away from nobody", () =>
  Effect.gen(function*() {
    const look = yield* made()
    const leaving = yield* Effect.forkChild(look)
    yield* TestClock.adjust("100 millis")
    yield* Fiber.interrupt(leaving)
    const staying = yield* Effect.forkChild(look)
    yield* TestClock.adjust("400 millis")
    assert.deepInclude(yield* Fiber.join(staying), { stale: false })
    assert.strictEqual(yield* sent, 1)
  }).pipe(Effect.provide(scripted(delay("500 millis", 500)))))

it.effect("has a forecast once four readings have been made, from each reading once", () =>
  Effect.gen(function*() {
    const look = yield* made()
    const seen = []
    for (let minute = 0; minute < 4; minute++) {
      seen.push(yield* look)
      yield* TestClock.adjust("30 seconds")
      yield* look
      yield* TestClock.adjust("30 seconds")
    }
    assert.deepStrictEqual(seen.map(({ forecast }) => forecast?._tag), [
      "InsufficientData",
      "InsufficientData",
      "InsufficientData",
      "Forecast"
    ])
    const { forecast } = seen[3] ?? {}
    assert.strictEqual(forecast?._tag === "Forecast" ? forecast.creditsPerHour.estimate : undefined, 600)
  }).pipe(Effect.provide(scripted((call) => 1000 - 10 * call))))

it.effect("tells of each change once", () =>
  Effect.gen(function*() {
    const told: Array<PolloError["_tag"] | "again"> = []
    const look = yield* made((failure) => Effect.sync(() => void told.push(failure?._tag ?? "again")))
    for (let scrape = 0; scrape < 14; scrape++) {
      yield* look
      yield* TestClock.adjust("30 seconds")
    }
    assert.deepStrictEqual(told, ["PolloServerError", "PolloUnauthorized", "again"])
  }).pipe(Effect.provide(scripted([
    900,
    error.serverError(),
    error.serverError(),
    error.unauthorized(),
    error.unauthorized(),
    880
  ]))))

it.effect("the call under way ends with the exporter", () =>
  Effect.gen(function*() {
    const look = yield* made()
    yield* Effect.forkChild(look)
    yield* TestClock.adjust("100 millis")
  }).pipe(
    Effect.scoped,
    Effect.andThen(PolloCreditsTest.calls),
    Effect.map((calls) => assert.deepStrictEqual(calls.map(({ outcome }) => outcome), ["Interrupted"])),
    Effect.provide(scripted(Effect.never))
  ))

it.effect("counts every outcome there is from zero", () =>
  Effect.gen(function*() {
    const look = yield* made()
    const { outcomes } = yield* look
    assert.deepStrictEqual(outcomes.Success, 1)
    assert.strictEqual(Object.values(outcomes).reduce((sum, count) => sum + count), 1)
  }).pipe(Effect.provide(scripted(1))))
