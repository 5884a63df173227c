import { PolloConfigError, type PolloCredits, type PolloError } from "@effect-pollo/client"
import * as watching from "@effect-pollo/client/BalanceWatch"
import { BalanceEvent, BalanceWatch } from "@effect-pollo/client/BalanceWatch"
import { PolloCreditsTest } from "@effect-pollo/client/testing"
import { assert, describe, expectTypeOf, it } from "@effect/vitest"
import { DateTime, Duration, Effect, Fiber, Random, Schema, Stream } from "effect"
import { TestClock } from "effect/testing"
import * as fc from "fast-check"

/** Random histories; the long run has more. */
const numRuns = Number(process.env["POLLO_TEST_HISTORIES"] ?? 1000)

const { delay, error } = PolloCreditsTest

const steady = { every: "1 minute", lowAt: 100, jitter: 0 } as const

/** The events of so many polls, with time passing as needed. */
const watch = Effect.fnUntraced(function*(polls: number, options: BalanceWatch.Options = steady) {
  const events: Array<BalanceEvent> = []
  const fiber = yield* BalanceWatch.stream(options).pipe(
    Stream.runForEach((event) => Effect.sync(() => events.push(event))),
    Effect.result,
    Effect.forkChild
  )
  yield* TestClock.adjust(0)
  while (fiber.pollUnsafe() === undefined && (yield* ended) < polls) yield* TestClock.adjust("10 seconds")
  yield* Fiber.interrupt(fiber)
  const exit = fiber.pollUnsafe()
  const failure = exit?._tag === "Success" && exit.value._tag === "Failure" ? exit.value.failure : undefined
  return { events, failure }
})

const ended = Effect.map(PolloCreditsTest.calls, (calls) => calls.filter((call) => call.endedAt !== undefined).length)

/** The tags of the events, with the figure that matters. */
const short = (event: BalanceEvent): string => {
  switch (event._tag) {
    case "ToppedUp":
      return `ToppedUp ${event.credits}`
    case "Unreachable":
      return `Unreachable ${event.error._tag}`
    case "Reachable":
      return `Reachable ${Duration.format(event.outage)}`
    default:
      return `${event._tag} ${event.balance.availableCredits}`
  }
}

const tell = (script: ReadonlyArray<PolloCreditsTest.Step>, options?: BalanceWatch.Options) =>
  watch(script.length, options).pipe(
    Effect.map(({ events }) => events.map(short)),
    Effect.provide(PolloCreditsTest.layer(script))
  )

const started = Effect.map(
  PolloCreditsTest.calls,
  (calls) => calls.map((call) => DateTime.toEpochMillis(call.startedAt))
)

const gaps = Effect.map(started, (times) => times.slice(1).map((time, index) => time - (times[index] ?? 0)))

describe("types", () => {
  it("promise events, the errors of a reading, and the need of a client", () => {
    expectTypeOf(BalanceWatch.stream(steady)).toEqualTypeOf<
      Stream.Stream<BalanceEvent, PolloError | PolloConfigError, PolloCredits>
    >()
    expectTypeOf<BalanceEvent["_tag"]>().toEqualTypeOf<
      "Observed" | "Low" | "Recovered" | "ToppedUp" | "Unreachable" | "Reachable"
    >()
    assert.deepEqual(Object.keys(watching).toSorted(), [
      "BalanceEvent",
      "BalanceForecast",
      "BalanceWatch",
      "Forecast",
      "InsufficientData",
      "Low",
      "Observed",
      "Reachable",
      "Recovered",
      "ToppedUp",
      "Unreachable"
    ])
  })
})

describe("a watch", () => {
  it.effect("reads at once, then every so often, and says what it read and when", () =>
    Effect.gen(function*() {
      const { events } = yield* watch(3)
      assert.deepEqual(events.map(short), ["Observed 300", "Observed 200", "Observed 150"])
      assert.deepEqual(events.map((event) => DateTime.toEpochMillis(event.at)), [0, 60_000, 120_000])
    }).pipe(Effect.provide(PolloCreditsTest.layer([300, 200, 150]))))

  it.effect("says once that the balance is low and once that it has recovered", () =>
    Effect.gen(function*() {
      assert.deepEqual(yield* tell([101, 100, 90, 95, 101, 99]), [
        "Observed 101",
        "Observed 100",
        "Low 100",
        "Observed 90",
        "Observed 95",
        "ToppedUp 5",
        "Observed 101",
        "ToppedUp 6",
        "Recovered 101",
        "Observed 99",
        "Low 99"
      ])
    }))

  it.effect("says after the first reading that the balance is low already, and never that one has recovered", () =>
    Effect.gen(function*() {
      assert.deepEqual(yield* tell([40]), ["Observed 40", "Low 40"])
      assert.deepEqual(yield* tell([400]), ["Observed 400"])
    }))

  it.effect("stays low between the two marks however the balance dances", () =>
    Effect.gen(function*() {
      const told = yield* tell([90, 150, 90, 199, 101, 200, 150, 101, 100], { ...steady, recoverAt: 200 })
      assert.deepEqual(told.filter((event) => /^(Low|Recovered)/.test(event)), ["Low 90", "Recovered 200", "Low 100"])
    }))

  it.effect("gives the growth without the noise of binary fractions", () =>
    Effect.gen(function*() {
      const told = yield* tell([0.1, 0.3, 0.3 + 1e-9, 100_000.07])
      assert.deepEqual(told.filter((event) => event.startsWith("ToppedUp")), ["ToppedUp 0.2", "ToppedUp 99999.77"])
    }))

  it.effect("says once that it cannot read, how long that lasted, and what has changed meanwhile", () =>
    Effect.gen(function*() {
      const told = yield* tell([50, error.serverError(), error.transportError(), 150, error.timeout(), 150])
      assert.deepEqual(told, [
        "Observed 50",
        "Low 50",
        "Unreachable PolloServerError",
        "Reachable 3m",
        "Observed 150",
        "ToppedUp 100",
        "Recovered 150",
        "Unreachable PolloTimeout",
        "Reachable 1m",
        "Observed 150"
      ])
    }))

  it.effect("begins with Unreachable when the first reading fails", () =>
    Effect.gen(function*() {
      assert.deepEqual(yield* tell([error.rateLimited(), 200]), [
        "Unreachable PolloRateLimited",
        "Reachable 1m",
        "Observed 200"
      ])
    }))

  it.effect("measures an outage by the monotonic clock", () =>
    Effect.gen(function*() {
      const events: Array<BalanceEvent> = []
      yield* BalanceWatch.stream(steady).pipe(
        Stream.runForEach((event) => Effect.sync(() => events.push(event))),
        Effect.forkChild
      )
      yield* TestClock.adjust("30 seconds")
      yield* TestClock.setTime(0)
      yield* TestClock.adjust("1 minute")
      assert.deepEqual(events.map(short), ["Unreachable PolloServerError", "Reachable 1m 30s", "Observed 200"])
    }).pipe(Effect.provide(PolloCreditsTest.layer([error.serverError(), 200]))))

  const passing = [
    error.rateLimited(),
    error.serverError(),
    error.apiError({ status: 408 }),
    error.transportError(),
    error.timeout({ phase: "attempt" }),
    error.timeout({ phase: "deadline" })
  ]
  it.effect.each(passing)("survives what may pass: $_tag $phase", (failure) =>
    Effect.gen(function*() {
      const { events, failure: end } = yield* watch(3)
      assert.isUndefined(end)
      assert.deepEqual(events.map((event) => event._tag), ["Observed", "Unreachable", "Reachable", "Observed"])
      assert.strictEqual(events[1]?._tag === "Unreachable" && events[1].error, failure)
    }).pipe(Effect.provide(PolloCreditsTest.layer([200, failure, 200]))))

  const final = [
    error.badRequest(),
    error.unauthorized(),
    error.forbidden(),
    error.notFound(),
    error.apiError(),
    error.serverError({ status: 501 }),
    error.invalidResponse()
  ]
  it.effect.each(final)(
    "ends at once with an error that somebody has to act upon before it has read: $_tag",
    (failure) =>
      Effect.gen(function*() {
        const { events, failure: end } = yield* watch(5)
        assert.strictEqual(end, failure)
        assert.deepEqual(events.map((event) => event._tag), ["Unreachable"])
      }).pipe(Effect.provide(PolloCreditsTest.layer([error.serverError(), failure])))
  )

  it.effect.each(final)(
    "ends with the third such error in a row after a reading: $_tag",
    (failure) =>
      Effect.gen(function*() {
        const { events, failure: end } = yield* watch(9)
        assert.strictEqual(end, failure)
        assert.deepEqual(events.map((event) => event._tag), ["Observed", "Unreachable"])
        assert.lengthOf(yield* PolloCreditsTest.calls, 4)
      }).pipe(Effect.provide(PolloCreditsTest.layer([200, failure, failure, failure, 200])))
  )

  it.effect("lives through two such errors, also when others come between them", () =>
    Effect.gen(function*() {
      const { events, failure: end } = yield* watch(10)
      assert.isUndefined(end)
      assert.deepEqual(events.map((event) => event._tag), [
        "Observed",
        "Unreachable",
        "Reachable",
        "Observed",
        "Unreachable",
        "Reachable",
        "Observed"
      ])
    }).pipe(Effect.provide(PolloCreditsTest.layer([
      200,
      error.unauthorized(),
      error.notFound(),
      error.serverError({ status: 522 }),
      error.unauthorized(),
      error.notFound(),
      200,
      error.unauthorized(),
      error.unauthorized(),
      200
    ]))))

  it.effect("says neither low nor recovered without a mark", () =>
    Effect.gen(function*() {
      const { events } = yield* watch(3, { every: "1 minute", jitter: 0 })
      assert.deepEqual(events.map((event) => event._tag), ["Observed", "Observed", "ToppedUp", "Observed"])
    }).pipe(Effect.provide(PolloCreditsTest.layer([5, 500, 0]))))

  it.effect("waits twice as long after each failure in a row, up to a limit, and returns to its pace", () =>
    Effect.gen(function*() {
      yield* watch(10)
      assert.deepEqual((yield* gaps).map((millis) => millis / 60_000), [1, 1, 2, 4, 8, 8, 8, 1, 1])
    }).pipe(
      Effect.provide(
        PolloCreditsTest.layer((call) =>
          call === 1 || call > 7 ? (call === 9 ? error.serverError() : 200) : error.timeout()
        )
      )
    ))

  it.effect("waits as long as the server asks, up to the limit", () =>
    Effect.gen(function*() {
      yield* watch(4, { ...steady, maxWait: "10 minutes" })
      assert.deepEqual((yield* gaps).map((millis) => millis / 60_000), [5, 10, 1])
    }).pipe(
      Effect.provide(PolloCreditsTest.layer([
        error.rateLimited({ retryAfter: "5 minutes" }),
        error.serverError({ retryAfter: "3 days" }),
        200
      ]))
    ))

  const paced: ReadonlyArray<readonly [string, PolloCreditsTest.Step]> = [
    ["while it can read", 1000],
    ["during an outage", error.serverError()]
  ]
  it.effect.each(paced)(
    "polls with jitter, never later than asked, each machine in its own step: %s",
    ([, step]) =>
      Effect.gen(function*() {
        const pace = (seed: string) =>
          Effect.andThen(watch(30, { every: "10 minutes", lowAt: 0, maxWait: "10 minutes" }), gaps).pipe(
            Random.withSeed(seed),
            Effect.provide(PolloCreditsTest.layer(step))
          )
        const one = yield* pace("one")
        const other = yield* pace("other")
        for (const millis of [...one, ...other]) {
          assert.isAtMost(millis, 600_000)
          assert.isAbove(millis, 540_000)
        }
        assert.isAbove(new Set(one).size, 25)
        assert.isAbove(Math.max(...one) - Math.min(...one), 40_000)
        assert.notDeepEqual(one, other)
      })
  )

  it.effect("waits until its events are consumed", () =>
    Effect.gen(function*() {
      const fiber = yield* BalanceWatch.stream(steady).pipe(
        Stream.runForEach(() => Effect.sleep("10 minutes")),
        Effect.forkChild
      )
      yield* TestClock.adjust("22 minutes")
      yield* Fiber.interrupt(fiber)
      assert.deepEqual((yield* started).map((millis) => millis / 60_000), [0, 11, 22])
    }).pipe(Effect.provide(PolloCreditsTest.layer())))

  it.effect("aborts the reading under way when it is interrupted", () =>
    Effect.gen(function*() {
      const fiber = yield* Effect.forkChild(Stream.runDrain(BalanceWatch.stream(steady)))
      yield* TestClock.adjust("1 second")
      yield* Fiber.interrupt(fiber)
      assert.deepEqual((yield* PolloCreditsTest.calls).map((call) => call.outcome), ["Interrupted"])
    }).pipe(Effect.provide(PolloCreditsTest.layer(Effect.never))))

  it.effect("counts `every` from the end of a reading", () =>
    Effect.gen(function*() {
      yield* watch(3)
      assert.deepEqual((yield* started).map((millis) => millis / 1000), [0, 90, 180])
    }).pipe(Effect.provide(PolloCreditsTest.layer(delay("30 seconds", 200)))))

  const mistakes: ReadonlyArray<readonly [string, Partial<BalanceWatch.Options>]> = [
    ["every", { every: 0 }],
    ["every", { every: Number.NaN }],
    ["every", { every: "-5 seconds" }],
    ["every", { every: "Infinity" }],
    ["lowAt", { lowAt: Number.NaN }],
    ["lowAt", { lowAt: Infinity }],
    ["recoverAt", { recoverAt: 99 }],
    ["recoverAt", { recoverAt: Number.NaN }],
    ["jitter", { jitter: 1 }],
    ["jitter", { jitter: -0.1 }],
    ["jitter", { jitter: Number.NaN }],
    ["maxWait", { maxWait: "30 seconds" }],
    ["maxWait", { maxWait: Number.NaN }]
  ]
  it.effect.each(mistakes)(
    "refuses a bad %s by name and sends nothing: %j",
    ([field, mistake]) =>
      Effect.gen(function*() {
        const refused = yield* Effect.flip(Stream.runDrain(BalanceWatch.stream({ ...steady, ...mistake })))
        assert.instanceOf(refused, PolloConfigError)
        assert.match(refused.message, new RegExp(`^${field} must`))
        assert.deepEqual(yield* PolloCreditsTest.calls, [])
      }).pipe(Effect.provide(PolloCreditsTest.layer()))
  )
})

describe("events", () => {
  const codec = Schema.fromJsonString(Schema.toCodecJson(BalanceEvent))

  it.effect("go through JSON and come back as they were", () =>
    Effect.gen(function*() {
      const { events } = yield* watch(4, { ...steady, recoverAt: 120 })
      assert.lengthOf(new Set(events.map((event) => event._tag)), 6)
      for (const event of events) {
        const json = yield* Schema.encodeEffect(codec)(event)
        assert.include(json, `"_tag":"${event._tag}"`)
        assert.deepEqual(yield* Schema.decodeEffect(codec)(json), event)
      }
    }).pipe(
      Effect.provide(PolloCreditsTest.layer([200, 50, error.rateLimited({ retryAfter: "1 second" }), 150]))
    ))
})

describe("any course of the balance", () => {
  const credits = fc.oneof(
    { weight: 4, arbitrary: fc.integer({ min: 0, max: 20 }) },
    { weight: 1, arbitrary: fc.double({ noNaN: true, noDefaultInfinity: true }) }
  )
  const course = fc.array(fc.option(credits, { freq: 5, nil: undefined }), { minLength: 1, maxLength: 30 })

  it.effect(
    "gives one Low for each crossing and one Recovered between two, one event for each rise and each outage",
    () =>
      Effect.promise(() =>
        fc.assert(
          fc.asyncProperty(course, fc.integer({ min: 0, max: 20 }), fc.nat(10), async (steps, lowAt, above) => {
            const recoverAt = lowAt + above
            const events = await Effect.runPromise(
              watch(steps.length, { every: "10 seconds", lowAt, recoverAt, maxWait: "10 seconds", jitter: 0 }).pipe(
                Effect.map(({ events }) => events),
                Effect.provide(
                  PolloCreditsTest.layer(steps.map((credits) => credits === undefined ? error.serverError() : credits))
                ),
                Effect.provide(TestClock.layer())
              )
            )
            const seen = steps.filter((credits) => credits !== undefined)

            // What is surely low or surely not, without repetitions; between the marks nothing is sure.
            const sure = seen.flatMap((credits) =>
              credits <= lowAt ? ["Low"] : credits >= recoverAt ? ["Recovered"] : []
            )
            const crossings = sure.filter((mark, index) => mark !== (sure[index - 1] ?? "Recovered"))
            const marks = events.filter((event) => event._tag === "Low" || event._tag === "Recovered")
            assert.deepEqual(marks.map((event) => event._tag), crossings)

            const observed = events.filter((event) => event._tag === "Observed")
            assert.deepEqual(observed.map((event) => event.balance.availableCredits), seen)
            // A rise counts from half a millionth on; below is arithmetic noise.
            const rises = seen.filter((credits, index) => (credits - (seen[index - 1] ?? credits)) * 1e6 >= 0.5)
            assert.lengthOf(events.filter((event) => event._tag === "ToppedUp"), rises.length)
            const outages = steps.filter((credits, index) =>
              credits === undefined && (index === 0 || steps[index - 1] !== undefined)
            )
            assert.lengthOf(events.filter((event) => event._tag === "Unreachable"), outages.length)
          }),
          { numRuns }
        )
      ),
    { timeout: 10_000 + 20 * numRuns }
  )
})
