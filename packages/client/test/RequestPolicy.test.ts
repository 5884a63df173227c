import { PolloConfigError, PolloCredits, RequestPolicy } from "@effect-pollo/client"
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Fiber, Redacted, Result } from "effect"
import { TestClock } from "effect/testing"
import { json, key, ok, scripted, status } from "./support/scripted.ts"

const millis = (policy: RequestPolicy.Resolved) => ({
  attemptTimeout: Duration.toMillis(policy.attemptTimeout),
  deadline: Duration.toMillis(policy.deadline),
  maxRetries: policy.maxRetries,
  base: Duration.toMillis(policy.backoff.base),
  factor: policy.backoff.factor,
  max: Duration.toMillis(policy.backoff.max),
  jitter: policy.backoff.jitter,
  maxRetryAfter: Duration.toMillis(policy.maxRetryAfter)
})

const defaults = {
  attemptTimeout: 5000,
  deadline: 30_000,
  maxRetries: 3,
  base: 250,
  factor: 2,
  max: 8000,
  jitter: 0.25,
  maxRetryAfter: 20_000
}

describe("RequestPolicy", () => {
  it("has the documented defaults", () => {
    assert.deepEqual(millis(RequestPolicy.defaults), defaults)
  })

  it("a partial policy, also a partial backoff, keeps the other defaults", () => {
    assert.deepEqual(millis(RequestPolicy.make({})), defaults)
    assert.deepEqual(millis(RequestPolicy.make({ maxRetries: 1, backoff: { max: "1 second" }, deadline: undefined })), {
      ...defaults,
      maxRetries: 1,
      max: 1000
    })
  })

  it("none is one attempt with the default deadlines", () => {
    assert.deepEqual(millis(RequestPolicy.none), { ...defaults, maxRetries: 0 })
  })

  const bad: ReadonlyArray<readonly [field: string, input: RequestPolicy.Input]> = [
    ["policy.attemptTimeout", { attemptTimeout: 0 }],
    ["policy.attemptTimeout", { attemptTimeout: NaN }],
    ["policy.deadline", { deadline: "-1 seconds" }],
    ["policy.maxRetries", { maxRetries: -1 }],
    ["policy.maxRetries", { maxRetries: 1.5 }],
    ["policy.maxRetries", { maxRetries: NaN }],
    ["policy.backoff.base", { backoff: { base: -1 } }],
    ["policy.backoff.factor", { backoff: { factor: 0.5 } }],
    ["policy.backoff.max", { backoff: { max: "-1 millis" } }],
    ["policy.backoff.jitter", { backoff: { jitter: Infinity } }],
    ["policy.maxRetryAfter", { maxRetryAfter: -1 }]
  ]
  it.effect.each(bad)(
    "a bad %s is named by make, layer, override and parse alike",
    ([field, input]) =>
      Effect.gen(function*() {
        assert.throws(() => RequestPolicy.make(input), PolloConfigError, field)
        const refused = yield* Effect.flip(scripted({ policy: input }, ok))
        assert.include({ ...refused }, { _tag: "PolloConfigError", field })
        assert.throws(() => RequestPolicy.override(input), PolloConfigError, field)
        assert.throws(() => RequestPolicy.override(Effect.void, input), PolloConfigError, field)
        assert.include({ ...Result.getOrThrow(Result.flip(RequestPolicy.parse(input))) }, {
          _tag: "PolloConfigError",
          field
        })
      })
  )
})

describe("override", () => {
  it.effect("replaces parts of the policy for one call and keeps the rest of the client's", () =>
    Effect.gen(function*() {
      const { credits, sent } = yield* scripted({ policy: { maxRetries: 1, backoff: { base: 1 } } }, status(500))
      yield* credits.getBalance.pipe(RequestPolicy.override({ maxRetries: 0 }), Effect.flip)
      assert.strictEqual(yield* sent, 1)
      const fiber = yield* credits.getBalance.pipe(
        RequestPolicy.override({ deadline: "1 second" }),
        Effect.flip,
        Effect.forkChild
      )
      yield* TestClock.adjust(2)
      yield* Fiber.join(fiber)
      assert.strictEqual(yield* sent, 3)
    }))

  it.effect("takes the effect first or last", () =>
    Effect.gen(function*() {
      const { credits, sent } = yield* scripted({}, status(500))
      yield* Effect.flip(RequestPolicy.override(credits.getBalance, { maxRetries: 0 }))
      yield* credits.getBalance.pipe(RequestPolicy.override({ maxRetries: 0 }), Effect.flip)
      assert.strictEqual(yield* sent, 2)
    }))

  it.effect("of two the inner one wins, field by field", () =>
    Effect.gen(function*() {
      const { credits, sent } = yield* scripted({}, status(500))
      const fiber = yield* credits.getBalance.pipe(
        RequestPolicy.override({ maxRetries: 1, backoff: { base: 1 } }),
        RequestPolicy.override({ maxRetries: 0, backoff: { base: 1000, jitter: 0 } }),
        Effect.flip,
        Effect.forkChild
      )
      yield* TestClock.adjust(1)
      yield* Fiber.join(fiber)
      assert.strictEqual(yield* sent, 2)
    }))

  it.effect("reaches calls through the static accessor and leaves other calls alone", () =>
    Effect.gen(function*() {
      const { credits, sent } = yield* scripted(
        { apiKey: Redacted.make(key), policy: { maxRetries: 1 } },
        json({}, { status: 500 })
      )
      yield* PolloCredits.getBalance.pipe(
        RequestPolicy.override({ maxRetries: 0 }),
        Effect.flip,
        Effect.provideService(PolloCredits, credits)
      )
      assert.strictEqual(yield* sent, 1)
      const fiber = yield* Effect.forkChild(Effect.flip(credits.getBalance))
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(fiber)
      assert.strictEqual(yield* sent, 3)
    }))
})
