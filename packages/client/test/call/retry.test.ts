import type { RequestPolicy } from "@effect-pollo/client"
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Exit, Fiber, Random } from "effect"
import { TestClock } from "effect/testing"
import * as fc from "fast-check"
import { cutBody, hang, hangingBody, ok, refused, respond, scripted, status } from "../support/scripted.ts"

describe("maxRetries", () => {
  it.effect("a mix of failures never sends more than maxRetries + 1 requests", () =>
    Effect.gen(function*() {
      const { credits, sent } = yield* scripted(
        {},
        status(503),
        refused,
        status(429, { "retry-after": "1" }),
        status(408),
        ok
      )
      const fiber = yield* Effect.forkChild(Effect.flip(credits.getBalance))
      yield* TestClock.adjust("30 seconds")
      assert.deepInclude(yield* Fiber.join(fiber), { _tag: "PolloApiError", attempts: 4 })
      assert.strictEqual(yield* sent, 4)
    }))

  it.effect("an error that is not retryable ends the call at once", () =>
    Effect.gen(function*() {
      const { credits, sent } = yield* scripted({}, status(503), status(401), ok)
      const fiber = yield* Effect.forkChild(Effect.flip(credits.getBalance))
      yield* TestClock.adjust("1 second")
      assert.deepInclude(yield* Fiber.join(fiber), { _tag: "PolloUnauthorized", attempts: 2 })
      assert.strictEqual(yield* sent, 2)
    }))

  it.effect("any script of answers keeps to the limit and ends in a balance or a PolloError", () =>
    Effect.promise(() =>
      fc.assert(
        fc.asyncProperty(
          fc.array(
            fc.constantFrom(
              ok,
              refused,
              cutBody,
              hang,
              hangingBody,
              respond("?"),
              ...[401, 408, 429, 500, 503].map((code) => status(code, { "retry-after": "3" }))
            ),
            { minLength: 1, maxLength: 8 }
          ),
          fc.nat(5),
          async (steps, maxRetries) => {
            const program = Effect.gen(function*() {
              const { credits, sent } = yield* scripted({ policy: { maxRetries } }, ...steps)
              const fiber = yield* Effect.forkChild(credits.getBalance)
              yield* TestClock.adjust("31 seconds")
              const exit = yield* Fiber.await(fiber)
              assert.isFalse(Exit.hasDies(exit))
              assert.isFalse(Exit.hasInterrupts(exit))
              assert.isAtMost(yield* sent, maxRetries + 1)
            })
            await Effect.runPromise(Effect.provide(program, TestClock.layer()))
          }
        ),
        { numRuns: 200 }
      )
    ))
})

describe("backoff", () => {
  const noJitter = { ...Random.Random.defaultValue(), nextDoubleUnsafe: () => 0 }
  const fullJitter = { ...Random.Random.defaultValue(), nextDoubleUnsafe: () => 1 }

  /** The moments, in milliseconds, at which requests are sent. */
  const moments = Effect.fnUntraced(function*(
    policy: RequestPolicy.Input,
    random: typeof noJitter,
    until: Duration.Input
  ) {
    const times: Array<number> = []
    const { credits } = yield* scripted({ policy }, (request) =>
      Effect.clockWith((clock) => {
        times.push(clock.currentTimeMillisUnsafe())
        return status(503)(request)
      }))
    const fiber = yield* credits.getBalance.pipe(
      Effect.provideService(Random.Random, random),
      Effect.flip,
      Effect.forkChild
    )
    yield* TestClock.adjust(until)
    yield* Fiber.join(fiber)
    return times.map((time) => time - (times[0] ?? 0))
  })

  it.effect("wait n is base × factorⁿ, at most max", () =>
    Effect.gen(function*() {
      const policy = { maxRetries: 7, deadline: "1 hour" } as const
      assert.deepEqual(yield* moments(policy, noJitter, "1 hour"), [0, 250, 750, 1750, 3750, 7750, 15_750, 23_750])
    }))

  it.effect("jitter lengthens a wait by up to its share and never shortens it", () =>
    Effect.gen(function*() {
      assert.deepEqual(yield* moments({}, fullJitter, "30 seconds"), [0, 312.5, 937.5, 2187.5])
      assert.deepEqual(
        yield* moments({ backoff: { jitter: 0 } }, fullJitter, "30 seconds"),
        [0, 250, 750, 1750]
      )
    }))
})

describe("attemptTimeout", () => {
  it.effect.each([hang, hangingBody])(
    "covers the attempt to the last byte of the body (%#)",
    (step) =>
      Effect.gen(function*() {
        const { credits, sent } = yield* scripted({ policy: { attemptTimeout: "2 seconds" } }, step, ok)
        const fiber = yield* Effect.forkChild(credits.getBalance)
        yield* TestClock.adjust("1999 millis")
        assert.strictEqual(yield* sent, 1)
        yield* TestClock.adjust("1 second")
        assert.strictEqual((yield* Fiber.join(fiber)).availableCredits, 42)
      })
  )
})

describe("deadline", () => {
  it.effect("ends an attempt that is under way", () =>
    Effect.gen(function*() {
      const { credits } = yield* scripted({ policy: { attemptTimeout: "8 seconds", deadline: "10 seconds" } }, hang)
      const fiber = yield* Effect.forkChild(Effect.flip(credits.getBalance))
      yield* TestClock.adjust("10 seconds")
      assert.deepInclude(yield* Fiber.join(fiber), {
        _tag: "PolloTimeout",
        phase: "deadline",
        timeout: Duration.seconds(10),
        attempts: 2
      })
    }))

  it.effect("a wait that cannot fit fails at once with the last error", () =>
    Effect.gen(function*() {
      const { credits, sent } = yield* scripted(
        { policy: { deadline: "10 seconds" } },
        status(429, { "retry-after": "10" })
      )
      const error = yield* Effect.flip(credits.getBalance)
      assert.deepInclude(error, { _tag: "PolloRateLimited", attempts: 1, retryAfter: Duration.seconds(10) })
      assert.strictEqual(yield* sent, 1)
    }))

  it.live("sends nothing after it, also when the machine wakes late from a wait", () =>
    Effect.gen(function*() {
      const policy = { deadline: 60, backoff: { base: 20, jitter: 0 } }
      const { credits, sent } = yield* scripted({ policy }, (request) => {
        setTimeout(() => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 150), 5)
        return status(503)(request)
      })
      assert.strictEqual((yield* Effect.flip(credits.getBalance))._tag, "PolloServerError")
      assert.strictEqual(yield* sent, 1)
    }))

  it.effect("may be infinite", () =>
    Effect.gen(function*() {
      const policy = { deadline: "Infinity", attemptTimeout: "Infinity" } as const
      const { credits } = yield* scripted({ policy }, status(500), ok)
      const fiber = yield* Effect.forkChild(credits.getBalance)
      yield* TestClock.adjust("1 second")
      assert.strictEqual((yield* Fiber.join(fiber)).availableCredits, 42)
    }))
})

describe("maxRetryAfter", () => {
  const forms = [
    ["seconds", "10"],
    ["an HTTP-date", "Thu, 01 Jan 1970 00:00:10 GMT"]
  ] as const
  it.effect.each(forms)("waits at least a Retry-After in %s", ([, value]) =>
    Effect.gen(function*() {
      const { credits, sent } = yield* scripted({}, status(429, { "retry-after": value }), ok)
      const fiber = yield* Effect.forkChild(credits.getBalance)
      yield* TestClock.adjust("9999 millis")
      assert.strictEqual(yield* sent, 1)
      yield* TestClock.adjust("1 millis")
      assert.strictEqual((yield* Fiber.join(fiber)).availableCredits, 42)
    }))

  it.effect("a Retry-After of exactly that is obeyed", () =>
    Effect.gen(function*() {
      const { credits } = yield* scripted({}, status(429, { "retry-after": "20" }), ok)
      const fiber = yield* Effect.forkChild(credits.getBalance)
      yield* TestClock.adjust("20 seconds")
      assert.strictEqual((yield* Fiber.join(fiber)).availableCredits, 42)
    }))

  it.effect("a Retry-After shorter than the backoff does not shorten it", () =>
    Effect.gen(function*() {
      const { credits, sent } = yield* scripted({}, status(503, { "retry-after": "0" }), ok)
      const fiber = yield* Effect.forkChild(credits.getBalance)
      yield* TestClock.adjust("249 millis")
      assert.strictEqual(yield* sent, 1)
      yield* TestClock.adjust("64 millis")
      assert.strictEqual((yield* Fiber.join(fiber)).availableCredits, 42)
    }))

  it.effect.each(["21", "3600", "99999999999999999999999"])(
    "beyond it, Retry-After: %s fails at once",
    (value) =>
      Effect.gen(function*() {
        const { credits, sent } = yield* scripted({}, status(429, { "retry-after": value }), ok)
        const error = yield* Effect.flip(credits.getBalance)
        assert.strictEqual(error._tag, "PolloRateLimited")
        assert.strictEqual(yield* sent, 1)
      })
  )
})
