/** Every span, attribute and metric of a budget, by name. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Metric from "effect/Metric"
import { outcomeOf } from "../call/telemetry.ts"
import type { Reserved } from "./holds.ts"
import type { Named } from "./limits.ts"
import { none, toCredits, units } from "./units.ts"

const reserved = Metric.gauge("pollo.budget.reserved", {
  description: "Credits reserved, by the latest operation of this program"
})
const spent = Metric.counter("pollo.budget.spent", {
  description: "Credits that jobs of this program were charged, as they said, less what they took back"
})
const admitted = Metric.counter("pollo.budget.admitted", {
  description: "Reservations admitted",
  incremental: true
})
export const unseen = Metric.counter("pollo.budget.unseen", {
  description: "Of the reservations admitted, those admitted without a reading",
  incremental: true
})
export const unexplained = Metric.counter("pollo.budget.unexplained", {
  description: "Credits that were spent and that no job of the budget explains",
  incremental: true
})
const freed = Metric.counter("pollo.budget.freed", {
  description: "Holds freed by an operator, counted there and where they were held",
  incremental: true
})
/** `holder` is the program whose job or place in the line it was. It hears of it with its next sign of life. */
export const freedBy = (at: "operator" | "holder") => Metric.withAttributes(freed, { at })
const refused = Metric.counter("pollo.budget.refused", {
  description: "Reservations that were not, by outcome: the tag of the error, Interrupted or Defect",
  incremental: true
})

/** What labels are called that have no limit, and reservations without a label. */
const other = "other"

export interface Telemetry {
  readonly reserved: (now: Reserved) => Effect.Effect<void>
  readonly spent: (label: string | undefined, credits: number) => Effect.Effect<void>
  /** One span around the wait for an admission, and the metrics of its outcome. The reading has a span of its own. */
  readonly observeReserve: <A, E extends { readonly _tag: string }, R>(
    cost: number,
    label: string | undefined,
    reserve: Effect.Effect<A, E, R>
  ) => Effect.Effect<A, E, R>
}

/** Where there are limits, metrics tell the labels apart that have one. Others would be too many to name. */
export const make = (limits: ReadonlyArray<Named>): Telemetry => {
  const known = new Map(limits.flatMap(({ label }) => label === undefined ? [] : [[label, none]]))
  /** The metric of each label, made once. */
  const by = <Input, State>(metric: Metric.Metric<Input, State>) => {
    const rest = limits.length === 0 ? metric : Metric.withAttributes(metric, { label: other })
    const named = new Map(Array.from(known.keys(), (label) => [label, Metric.withAttributes(metric, { label })]))
    return (label: string | undefined) => label === undefined ? rest : named.get(label) ?? rest
  }
  const [reservedBy, spentBy, refusedBy] = [by(reserved), by(spent), by(refused)]
  return {
    reserved: ({ all, byLabel }) =>
      Effect.suspend(() => {
        for (const [label, credits] of byLabel) if (known.has(label)) known.set(label, credits)
        const rest = Array.from(known.values()).reduce((left, credits) => left - credits, all as number)
        return Effect.andThen(
          Effect.forEach(known, ([label, credits]) => Metric.update(reservedBy(label), toCredits(credits)), {
            discard: true
          }),
          Metric.update(reservedBy(undefined), toCredits(units(Math.max(0, rest))))
        )
      }),
    spent: (label, credits) => Metric.update(spentBy(label), credits),
    observeReserve: (cost, label, reserve) =>
      Effect.useSpan(
        "CreditBudget.reserve",
        { attributes: { "pollo.cost": cost } },
        (span) =>
          Effect.onExit(reserve, (exit) => {
            const outcome = outcomeOf(exit)
            span.attribute("pollo.outcome", outcome)
            return Exit.isSuccess(exit)
              ? Metric.update(admitted, 1)
              : Metric.update(Metric.withAttributes(refusedBy(label), { outcome }), 1)
          })
      )
  }
}
