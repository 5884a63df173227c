import { RequestPolicy } from "@effect-pollo/client"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Metric } from "effect"
import { TestClock } from "effect/testing"
import { recordingTracer } from "../support/recordingTracer.ts"
import { hang, json, ok, refused, scripted, status } from "../support/scripted.ts"

/** The value of every counter and gauge of the client's own, and the count of every histogram, by name and outcome. */
const metrics = Effect.map(
  Metric.snapshot,
  (snapshots) =>
    Object.fromEntries(
      snapshots.filter(({ id }) => id.startsWith("pollo.")).map(({ attributes, id, state }) => {
        const outcome = attributes?.outcome
        const figure = "value" in state ? state.value : "count" in state ? state.count : undefined
        return [outcome === undefined ? id : `${id} ${outcome}`, figure]
      })
    )
)

const fresh = Effect.provideServiceEffect(Metric.MetricRegistry, Effect.sync(() => new Map()))

describe("spans", () => {
  it.effect("one span surrounds the client spans of the attempts and says how it ended", () =>
    Effect.gen(function*() {
      const { named, spans, tracer } = recordingTracer()
      const { credits } = yield* scripted({ baseUrl: "http://127.0.0.1:4010/api" }, status(503), ok)
      const fiber = yield* credits.getBalance.pipe(Effect.withTracer(tracer), Effect.forkChild)
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(fiber)

      assert.deepEqual(named("PolloCredits.getBalance"), [{ "pollo.attempts": 2, "pollo.outcome": "Success" }])
      const request = {
        "http.request.method": "GET",
        "url.full": "http://127.0.0.1:4010/api/credit/balance",
        "server.address": "127.0.0.1",
        "server.port": 4010
      }
      assert.deepEqual(named("GET"), [
        { ...request, "http.response.status_code": 503, "error.type": "503" },
        { ...request, "http.response.status_code": 200, "http.request.resend_count": 1 }
      ])
      const [call, ...attempts] = spans
      assert.deepEqual(attempts.map((span) => span.parent._tag === "Some" && span.parent.value === call), [true, true])
      assert.deepEqual(attempts.map((span) => span.kind), ["client", "client"])
    }))

  it.effect("the outcome is the tag of the error", () =>
    Effect.gen(function*() {
      const { named, tracer } = recordingTracer()
      const { credits } = yield* scripted({}, status(401))
      yield* credits.getBalance.pipe(Effect.withTracer(tracer), Effect.flip)
      assert.deepInclude(named("PolloCredits.getBalance")[0], {
        "pollo.attempts": 1,
        "pollo.outcome": "PolloUnauthorized"
      })
    }))
})

describe("metrics", () => {
  it.effect("count requests, retries and outcomes, and keep the last known credits", () =>
    Effect.gen(function*() {
      const balance = { availableCredits: 7.5, totalCredits: 10 }
      const { credits } = yield* scripted({}, status(503), json(balance), status(401), hang)
      const first = yield* Effect.forkChild(credits.getBalance)
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(first)
      yield* Effect.flip(credits.getBalance)
      const stopped = yield* Effect.forkChild(credits.getBalance)
      yield* TestClock.adjust(0)
      yield* Fiber.interrupt(stopped)

      assert.deepEqual(yield* metrics, {
        "pollo.client.requests": 4,
        "pollo.client.retries": 1,
        "pollo.client.outcomes Success": 1,
        "pollo.client.outcomes PolloUnauthorized": 1,
        "pollo.client.outcomes Interrupted": 1,
        "pollo.client.duration": 3,
        "pollo.credits.available": 7.5
      })
    }).pipe(fresh))

  it.effect("the duration of each request is in seconds, with the attributes of the HTTP conventions", () =>
    Effect.gen(function*() {
      const { credits } = yield* scripted({ baseUrl: "http://127.0.0.1:4010/api" }, status(503), ok, refused, hang)
      const policy = RequestPolicy.override({ maxRetries: 1, backoff: { base: "1 second", jitter: 0 } })
      for (let call = 0; call < 2; call++) {
        const fiber = yield* Effect.forkChild(Effect.result(policy(credits.getBalance)))
        yield* TestClock.adjust("1 minute")
        yield* Fiber.join(fiber)
      }
      const request = {
        unit: "s",
        "http.request.method": "GET",
        "server.address": "127.0.0.1",
        "server.port": "4010"
      }
      const durations = (yield* Metric.snapshot).filter(({ id }) => id === "http.client.request.duration")
      assert.deepEqual(
        durations.map((
          { attributes, state }
        ) => [attributes, "count" in state && state.count, "sum" in state && state.sum]),
        [
          [{ ...request, "http.response.status_code": "503", "error.type": "503" }, 1, 0],
          [{ ...request, "http.response.status_code": "200" }, 1, 0],
          [{ ...request, "error.type": "PolloTransportError" }, 1, 0],
          [{ ...request, "error.type": "Interrupted" }, 1, 5]
        ]
      )
    }).pipe(fresh))
})
