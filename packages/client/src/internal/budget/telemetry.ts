/** Every span, attribute and metric of a budget, by name. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Metric from "effect/Metric"
import { outcomeOf } from "../call/telemetry.ts"
import type { Refusal } from "../../CreditReservation.ts"

export const reserved = Metric.gauge("pollo.budget.reserved", {
  description: "Credits reserved, by the latest operation of this program"
})
export const admitted = Metric.counter("pollo.budget.admitted", {
  description: "Reservations admitted",
  incremental: true
})
export const unseen = Metric.counter("pollo.budget.unseen", {
  description: "Of the reservations admitted, those admitted without a reading",
  incremental: true
})
const freed = Metric.counter("pollo.budget.freed", {
  description: "Holds freed by an operator, counted there and where they were held",
  incremental: true
})
/** `holder` is the program whose job or place in the line it was. It hears of it with its next sign of life. */
export const freedBy = (at: "operator" | "holder") => Metric.withAttributes(freed, { at })
export const refused = Metric.counter("pollo.budget.refused", {
  description: "Reservations that were not, by outcome: the tag of the error, Interrupted or Defect",
  incremental: true
})

/** One span around the wait for an admission, and the metrics of its outcome. The reading has a span of its own. */
export const observeReserve = <A, E extends Refusal, R>(
  cost: number,
  reserve: Effect.Effect<A, E, R>
): Effect.Effect<A, E, R> =>
  Effect.useSpan(
    "CreditBudget.reserve",
    { attributes: { "pollo.cost": cost } },
    (span) =>
      Effect.onExit(reserve, (exit) => {
        const outcome = outcomeOf(exit)
        span.attribute("pollo.outcome", outcome)
        return Metric.update(Exit.isSuccess(exit) ? admitted : Metric.withAttributes(refused, { outcome }), 1)
      })
  )
