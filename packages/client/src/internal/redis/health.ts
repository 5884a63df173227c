/**
 * Reports, in the log and as metrics, when Redis can no longer be used for a purpose, and when it can be used again.
 */
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import type { Failure } from "./failure.ts"

/** What Redis is used for: the books of a budget, or the fleet's cache. */
export type Use = "budget" | "cache"
export type State = "reachable" | "unavailable" | "denied" | "recovering"

export const reachable = Metric.gauge("pollo.redis.reachable", {
  description: "1 while Redis does what the budget or the cache needs, 0 while it does not"
})
export const changes = Metric.counter("pollo.redis.changes", {
  description: "Changes of what Redis can be used for, by the state that began",
  incremental: true
})

export interface Health {
  /**
   * An operation was answered. `closed` is whether the answer says that the books are closed; `undefined` if it does
   * not say.
   */
  readonly answered: (operation: unknown, closed: boolean | undefined) => Effect.Effect<void>
  readonly failed: (operation: unknown, failure: Failure) => Effect.Effect<void>
}

/** Stands for all operations: if Redis is silent, that concerns every operation, while a refusal concerns only one. */
const silence = Symbol("no answer")

export const make = (use: Use): Health => {
  const refused = new Map<unknown, Failure>()
  let recovering = false
  let state: State = "reachable"

  const update = Effect.suspend(() => {
    const failures = Array.from(refused.values())
    const worst = failures.find(({ reason }) => reason === "Denied") ?? failures[0]
    const next: State = worst !== undefined
      ? worst.reason === "Denied" ? "denied" : "unavailable"
      : recovering
      ? "recovering"
      : "reachable"
    if (next === state) return Effect.void
    state = next
    const why = worst?.message ?? (recovering ? "the books are new or were lost, nobody is admitted yet" : "it answers")
    return Effect.all([
      Metric.update(Metric.withAttributes(reachable, { use }), next === "reachable" ? 1 : 0),
      Metric.update(Metric.withAttributes(changes, { use, state: next }), 1),
      Effect.logWarning(`the Redis of the ${use} is ${next}: ${why}`)
    ], { discard: true })
  })

  return {
    answered: (operation, closed) => {
      if (state === "reachable" && closed !== true) return Effect.void
      refused.delete(operation)
      refused.delete(silence)
      recovering = closed ?? recovering
      return update
    },
    failed: (operation, failure) => {
      refused.set(failure.code === undefined ? silence : operation, failure)
      return update
    }
  }
}
