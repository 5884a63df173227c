/** Every span, attribute and metric of the client, by name. */
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Metric from "effect/Metric"
import * as Option from "effect/Option"
import * as Tracer from "effect/Tracer"
import type { CreditBalance } from "../CreditBalance.ts"
import type { PolloError } from "../PolloError.ts"

const requests = Metric.counter("pollo.client.requests", {
  description: "HTTP requests sent",
  incremental: true
})
const retries = Metric.counter("pollo.client.retries", {
  description: "Requests sent again after a retryable failure",
  incremental: true
})
const outcomes = Metric.counter("pollo.client.outcomes", {
  description: "Finished calls, by outcome: Success or the tag of the error",
  incremental: true
})
const outcomeCounters = new Map<Outcome, Metric.Metric<number, Metric.CounterState<number>>>()

/** A metric with attributes is a new one each time it is made, so each is made once. */
const outcomeCounter = (outcome: Outcome) => {
  const made = outcomeCounters.get(outcome)
  if (made !== undefined) return made
  const counter = Metric.withAttributes(outcomes, { outcome })
  outcomeCounters.set(outcome, counter)
  return counter
}

const latency = Metric.timer("pollo.client.duration", {
  description: "Time from the start of a call to its outcome, waits included",
  boundaries: Metric.exponentialBoundaries({ start: 1, factor: 2, count: 16 })
})
const availableCredits = Metric.gauge("pollo.credits.available", {
  description: "Available credits in the last successful reading"
})

/**
 * The client span of one attempt, by OpenTelemetry's HTTP conventions, or none when nobody traces and nobody needs its
 * id: a span costs a fifth of a call.
 */
export const attemptSpan = <A, R>(
  options: { readonly url: URL; readonly number: number; readonly required: boolean },
  evaluate: (span: Tracer.Span | undefined) => Effect.Effect<A, PolloError, R>
): Effect.Effect<A, PolloError, R> =>
  Effect.withFiber((fiber) => {
    if (!options.required && fiber.getRef(Tracer.Tracer) === Tracer.nativeTracer) return evaluate(undefined)
    const { number, url } = options
    return Effect.useSpan("GET", {
      kind: "client",
      attributes: {
        "http.request.method": "GET",
        "url.full": url.href,
        "server.address": url.hostname.replace(/^\[|\]$/g, ""),
        "server.port": Number(url.port) || (url.protocol === "https:" ? 443 : 80),
        ...(number === 1 ? undefined : { "http.request.resend_count": number - 1 })
      }
    }, (span) =>
      Effect.tapError(
        Effect.withParentSpan(evaluate(span), span, { captureStackTrace: false }),
        (error) =>
          Effect.sync(() => span.attribute("error.type", "status" in error ? String(error.status) : error._tag))
      ))
  })

/** What one call has done so far; the retry loop counts here. */
export interface Attempts {
  count: number
}

/** One span around the call, and the call's metrics, whichever way it ends. */
export const observeCall = <R>(
  call: (attempts: Attempts) => Effect.Effect<CreditBalance, PolloError, R>
): Effect.Effect<CreditBalance, PolloError, R> =>
  Effect.useSpan("PolloCredits.getBalance", (span) =>
    Effect.withFiber((fiber) => {
      const clock = fiber.getRef(Clock.Clock)
      const started = clock.monotonicTimeNanosUnsafe()
      const attempts: Attempts = { count: 0 }
      return Effect.withParentSpan(call(attempts), span, { captureStackTrace: false }).pipe(
        Effect.onExit((exit) =>
          Effect.sync(() => {
            const outcome = outcomeOf(exit)
            span.attribute("pollo.attempts", attempts.count)
            span.attribute("pollo.outcome", outcome)
            const { context } = fiber
            requests.updateUnsafe(attempts.count, context)
            if (attempts.count > 1) retries.updateUnsafe(attempts.count - 1, context)
            outcomeCounter(outcome).updateUnsafe(1, context)
            latency.updateUnsafe(Duration.nanos(clock.monotonicTimeNanosUnsafe() - started), context)
            if (Exit.isSuccess(exit)) availableCredits.updateUnsafe(exit.value.availableCredits, context)
          })
        )
      )
    }))

/** How a call ended: well, with an error of the union, or not by itself. */
export type Outcome = "Success" | PolloError["_tag"] | "Interrupted" | "Defect"

export const outcomeOf = <E extends { readonly _tag: string }>(
  exit: Exit.Exit<unknown, E>
): "Success" | E["_tag"] | "Interrupted" | "Defect" => {
  if (Exit.isSuccess(exit)) return "Success"
  const error = Cause.findErrorOption(exit.cause)
  if (Option.isSome(error)) return error.value._tag
  return Cause.hasInterruptsOnly(exit.cause) ? "Interrupted" : "Defect"
}
