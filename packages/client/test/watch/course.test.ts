import { PolloCreditsTest } from "@effect-pollo/client/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import * as fc from "fast-check"
import { watch } from "../support/watching.ts"

/** Random histories; the long run has more. */
const numRuns = Number(process.env["POLLO_TEST_HISTORIES"] ?? 1000)

const { error } = PolloCreditsTest

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
