import { CreditBudget } from "@effect-pollo/client/CreditBudget"
import { PolloCreditsTest } from "@effect-pollo/client/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Logger, Metric } from "effect"
import { TestClock } from "effect/testing"
import { recordingTracer } from "../support/recordingTracer.ts"

const { error } = PolloCreditsTest

/** A budget and metrics that no other test shares. */
const observed = <A, E>(
  script: PolloCreditsTest.Script,
  options: CreditBudget.Options,
  program: Effect.Effect<A, E, CreditBudget>
) =>
  program.pipe(
    Effect.provide(CreditBudget.layer(options).pipe(Layer.provide(PolloCreditsTest.layer(script)))),
    Effect.provideServiceEffect(Metric.MetricRegistry, Effect.sync(() => new Map()))
  )

/** The value of every counter and gauge, by name, outcome and label. */
const metrics = Effect.map(
  Metric.snapshot,
  (snapshots) =>
    Object.fromEntries(snapshots.map(({ attributes, id, state }) => {
      const figure = "value" in state ? state.value : "count" in state ? state.count : undefined
      return [[id, attributes?.outcome, attributes?.label].filter(Boolean).join(" "), figure]
    }))
)

describe("the telemetry of a budget", () => {
  it.effect("counts what was admitted and refused, and knows what is reserved", () =>
    observed(
      [40, 40, error.unauthorized(), Effect.never],
      {},
      Effect.gen(function*() {
        yield* CreditBudget.reserve(30)
        yield* Effect.flip(CreditBudget.reserve(30))
        yield* Effect.flip(CreditBudget.reserve(30))
        yield* Effect.flip(CreditBudget.reserve(-1))
        const fiber = yield* Effect.forkChild(CreditBudget.reserve(1))
        yield* TestClock.adjust(0)
        yield* Fiber.interrupt(fiber)
        assert.deepEqual(yield* metrics, {
          "pollo.budget.admitted": 1,
          "pollo.budget.refused InsufficientCredits": 1,
          "pollo.budget.refused PolloUnauthorized": 1,
          "pollo.budget.refused Interrupted": 1,
          "pollo.budget.reserved": 30
        })
      }).pipe(
        Effect.scoped,
        Effect.andThen(metrics),
        Effect.map((after) => assert.strictEqual(after["pollo.budget.reserved"], 30))
      )
    ))

  it.effect("shows what a settlement frees", () =>
    observed(
      40,
      {},
      Effect.gen(function*() {
        yield* Effect.exit(CreditBudget.withReservation(30)(Effect.fail("refused")))
        assert.strictEqual((yield* metrics)["pollo.budget.reserved"], 0)
        yield* CreditBudget.withReservation(30)((reservation) => reservation.settle(12.5))
        assert.strictEqual((yield* metrics)["pollo.budget.reserved"], 12.5)
      })
    ))

  it.effect("tells labels apart that have a limit; the others, and what has no label, are one", () =>
    observed(
      1000,
      { limits: [{ credits: 100, every: "1 day", label: "team-a" }, { credits: 500, every: "1 day" }] },
      Effect.gen(function*() {
        yield* CreditBudget.withReservation(30, { label: "team-a" })(({ settle }) => settle(12.5))
        yield* CreditBudget.reserve(40, { label: "team-a" })
        yield* CreditBudget.reserve(5, { label: "team-b" })
        yield* CreditBudget.withReservation(7)(({ charged, settle }) => Effect.andThen(charged, settle(6)))
        yield* Effect.flip(CreditBudget.reserve(60, { label: "team-a" }))
        yield* Effect.flip(CreditBudget.reserve(1001, { label: "team-b" }))
        assert.deepEqual(yield* metrics, {
          "pollo.budget.admitted": 4,
          "pollo.budget.refused SpendLimitReached team-a": 1,
          "pollo.budget.refused SpendLimitReached other": 1,
          "pollo.budget.reserved team-a": 40,
          "pollo.budget.reserved other": 5,
          "pollo.budget.spent team-a": 12.5,
          "pollo.budget.spent other": 6
        })
      }).pipe(
        Effect.scoped,
        Effect.andThen(metrics),
        Effect.map((after) =>
          assert.deepInclude(after, { "pollo.budget.spent team-a": 52.5, "pollo.budget.reserved team-a": 40 })
        )
      )
    ))

  it.effect("warns of reservations that are admitted without a reading, and counts them", () => {
    const messages: Array<unknown> = []
    const logger = Logger.make(({ logLevel, message }) => void messages.push(logLevel, message))
    return observed(
      error.serverError(),
      { onUnreadable: "allow" },
      Effect.gen(function*() {
        const jobs = Effect.all([
          CreditBudget.withReservation(1)(Effect.void),
          CreditBudget.withReservation(1)(Effect.void)
        ], {
          concurrency: 2
        })
        yield* jobs
        assert.strictEqual((yield* metrics)["pollo.budget.unseen"], 2)
        assert.deepEqual(messages, [
          "Warn",
          ["the balance could not be read (PolloServerError): 2 reservation(s) admitted without it"]
        ])
      })
    ).pipe(Effect.provide(Logger.layer([logger])))
  })

  it.effect("has a span for each reservation, with its cost and outcome, which does not span the job", () => {
    const { spans, tracer } = recordingTracer()
    return observed(
      40,
      {},
      Effect.gen(function*() {
        yield* CreditBudget.withReservation(30)(Effect.sync(() => assert.strictEqual(spans[0]?.status._tag, "Ended")))
        yield* Effect.flip(CreditBudget.withReservation(50)(Effect.void))
        assert.deepEqual(spans.map(({ attributes, name }) => [name, Object.fromEntries(attributes)]), [
          ["CreditBudget.reserve", { "pollo.cost": 30, "pollo.outcome": "Success" }],
          ["CreditBudget.reserve", { "pollo.cost": 50, "pollo.outcome": "InsufficientCredits" }]
        ])
      })
    ).pipe(Effect.withTracer(tracer))
  })
})
