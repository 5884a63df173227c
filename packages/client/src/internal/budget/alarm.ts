/** Reports spending that no job explains: in the log, by a metric, and to all listeners. */
import type * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import * as Queue from "effect/Queue"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type * as model from "../../CreditReservation.ts"
import * as telemetry from "./telemetry.ts"
import type { Unexplained } from "./trail.ts"
import { toCredits } from "./units.ts"

/** How many reports are kept for a slow listener. */
const mostKept = 64

export interface Alarm {
  readonly raise: (found: Unexplained) => Effect.Effect<void>
  /** The reports from the moment in which the stream is run. It ends with the scope of the budget. */
  readonly raised: Stream.Stream<model.Unexplained>
}

export const make: Effect.Effect<Alarm, never, Scope.Scope> = Effect.gen(function*() {
  const listeners = new Set<Queue.Queue<model.Unexplained, Cause.Done>>()
  let isOver = false
  yield* Effect.addFinalizer(() =>
    Effect.sync(() => {
      isOver = true
      for (const listener of listeners) Queue.endUnsafe(listener)
    })
  )
  return {
    raise: Effect.fnUntraced(function*({ amount, span }) {
      const [credits, now] = [toCredits(amount), yield* Clock.currentTimeMillis]
      const [between, and] = [DateTime.makeUnsafe(now - Math.round(span)), DateTime.makeUnsafe(now)]
      const [from, to] = [DateTime.formatIso(between), DateTime.formatIso(and)]
      yield* Effect.logWarning(
        `${credits} credits that no job of this budget explains were spent between ${from} and ${to}`
      )
      yield* Metric.update(telemetry.unexplained, credits)
      for (const listener of listeners) Queue.offerUnsafe(listener, { credits, between, and })
    }),
    raised: Stream.callback((listener) =>
      Effect.acquireRelease(
        Effect.sync(() => isOver ? Queue.endUnsafe(listener) : listeners.add(listener)),
        () => Effect.sync(() => listeners.delete(listener))
      ), { bufferSize: mostKept, strategy: "sliding" })
  }
})
