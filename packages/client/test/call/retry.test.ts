import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber } from "effect"
import { TestClock } from "effect/testing"
import * as fc from "fast-check"
import { cutBody, hang, hangingBody, ok, refused, respond, scripted, status } from "../support/scripted.ts"

describe("maxRetries", () => {
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

describe("deadline", () => {
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
})
