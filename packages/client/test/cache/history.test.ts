import type { PolloError } from "@effect-pollo/client"
import { BalanceCache } from "@effect-pollo/client/BalanceCache"
import { PolloCreditsTest } from "@effect-pollo/client/testing"
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import * as fc from "fast-check"
import { cached, credits, outcomes, refreshed } from "../support/cached.ts"

/** Random histories; the long run has more. */
const numRuns = Number(process.env["POLLO_TEST_HISTORIES"] ?? 1000)

const { delay, error } = PolloCreditsTest

/** Runs what can run without time passing. */
const settle = TestClock.adjust(0)

describe("any history", () => {
  const op = fc.oneof(
    { weight: 4, arbitrary: fc.constant({ op: "get" } as const) },
    { weight: 1, arbitrary: fc.constant({ op: "refresh" } as const) },
    { weight: 1, arbitrary: fc.constant({ op: "invalidate" } as const) },
    { weight: 2, arbitrary: fc.record({ op: fc.constant("interrupt" as const), nth: fc.nat(9) }) },
    { weight: 3, arbitrary: fc.record({ op: fc.constant("wait" as const), millis: fc.integer({ min: 1, max: 90 }) }) }
  )
  const call = fc.record({ millis: fc.nat(60), fails: fc.boolean() })
  const timeToLive = 50

  interface Asked {
    readonly op: "get" | "refresh"
    readonly fiber: Fiber.Fiber<number, PolloError>
    readonly at: number
    /** Calls that had begun, those that had before the last `invalidate`, and when each of them had ended. */
    readonly begun: number
    readonly invalid: number
    readonly ended: ReadonlyArray<number | undefined>
  }

  const endTimes = Effect.map(
    PolloCreditsTest.calls,
    (calls) => calls.map((call) => call.endedAt === undefined ? undefined : DateTime.toEpochMillis(call.endedAt))
  )

  const history = Effect.fnUntraced(function*(ops: ReadonlyArray<typeof op extends fc.Arbitrary<infer A> ? A : never>) {
    const asked: Array<Asked> = []
    let at = 0
    let invalid = 0
    for (const step of ops) {
      if (step.op === "get" || step.op === "refresh") {
        const ended = yield* endTimes
        const fiber = yield* Effect.forkChild(step.op === "get" ? credits : refreshed)
        asked.push({ op: step.op, fiber, at, begun: ended.length, invalid, ended })
      } else if (step.op === "invalidate") {
        invalid = (yield* endTimes).length
        yield* BalanceCache.invalidate
      } else if (step.op === "interrupt") {
        const waiting = asked.filter(({ fiber }) => fiber.pollUnsafe() === undefined)
        const one = waiting[step.nth % Math.max(1, waiting.length)]
        if (one !== undefined) yield* Fiber.interrupt(one.fiber)
      } else {
        yield* TestClock.adjust(step.millis)
        at += step.millis
      }
      yield* settle
      const running = (yield* outcomes).filter((outcome) => outcome === "Running").length
      const waiting = asked.filter(({ fiber }) => fiber.pollUnsafe() === undefined).length
      assert.isAtMost(running, waiting, "a request that nobody waits for")
    }
    yield* TestClock.adjust("1 minute")

    for (const { at, begun, ended, fiber, invalid, op } of asked) {
      const exit = fiber.pollUnsafe()
      assert.isDefined(exit, "a caller that waits for ever")
      if (exit?._tag !== "Success") continue
      const answer = exit.value
      assert.isAbove(answer, op === "refresh" ? begun : invalid, "answered by a request that began too early")
      const end = ended[answer - 1]
      if (end !== undefined) assert.isBelow(at - end, timeToLive, "answered by a reading that was too old")
    }
    return yield* PolloCreditsTest.calls
  })

  it.effect(
    "gives nobody an old answer, lets nobody wait for ever, and sends no request that nobody waits for",
    () =>
      Effect.promise(() =>
        fc.assert(
          fc.asyncProperty(
            fc.array(op, { minLength: 1, maxLength: 40 }),
            fc.array(call, { minLength: 1, maxLength: 8 }),
            async (ops, script) => {
              const calls = await Effect.runPromise(
                history(ops).pipe(
                  cached({ timeToLive }, (number) => {
                    const { fails, millis } = script[number % script.length] ?? { fails: false, millis: 0 }
                    return delay(millis, fails ? error.serverError() : number)
                  }),
                  Effect.provide(TestClock.layer())
                )
              )
              if (ops.some(({ op }) => op === "refresh" || op === "invalidate")) return
              for (const [index, { startedAt }] of calls.entries()) {
                const before = calls[index - 1]
                if (before?.endedAt !== undefined) {
                  assert.isTrue(DateTime.isLessThanOrEqualTo(before.endedAt, startedAt), "two requests at once")
                }
              }
            }
          ),
          { numRuns }
        )
      ),
    { timeout: 10_000 + 20 * numRuns }
  )
})
