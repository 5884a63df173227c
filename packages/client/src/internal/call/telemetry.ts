/** Every span, attribute and metric of the client, by name. */
import {
  attemptAttributes,
  attemptSpan,
  callSpan,
  durationAttributes,
  errorType,
  metrics,
  serverOf
} from "@effect-pollo/protocol"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Metric from "effect/Metric"
import * as Option from "effect/Option"
import * as Tracer from "effect/Tracer"
import type { CreditBalance } from "../../CreditBalance.ts"
import type { PolloError } from "../../PolloError.ts"

const counter = ({ description, name }: { readonly name: string; readonly description: string }) =>
  Metric.counter(name, { description, incremental: true })

const requests = counter(metrics.requests)
const retries = counter(metrics.retries)
const outcomes = counter(metrics.outcomes)
const outcomeCounters = new Map<Outcome, Metric.Metric<number, Metric.CounterState<number>>>()

/** `Metric.withAttributes` makes a new metric each time, so the counter of each outcome is made once. */
const outcomeCounter = (outcome: Outcome) => {
  const made = outcomeCounters.get(outcome)
  if (made !== undefined) return made
  const counter = Metric.withAttributes(outcomes, { outcome })
  outcomeCounters.set(outcome, counter)
  return counter
}

const latency = Metric.timer(metrics.duration.name, {
  ...metrics.duration,
  boundaries: Metric.boundariesFromIterable(metrics.duration.boundaries)
})
const availableCredits = Metric.gauge(metrics.available.name, metrics.available)
const requestDuration = Metric.histogram(metrics.requestDuration.name, {
  ...metrics.requestDuration,
  attributes: { unit: "s" }
})

/** One attempt under way. `status` is that of its response, once there is one. */
export interface Attempt {
  readonly span: Tracer.Span | undefined
  status: number | undefined
}

/**
 * Observes the attempts at one address by OpenTelemetry's HTTP conventions: a client span and a duration for each.
 *
 * Without a tracer, and if no header needs the id of a span, no span is made: it would cost a fifth of the time of a
 * call.
 */
export const attemptObserver = (url: URL, spanRequired: boolean) => {
  const server = serverOf(url)
  const durations = new Map<string, Metric.Histogram<number>>()

  const durationOf = (status: number | undefined, errorType: string | undefined) => {
    const key = `${status} ${errorType}`
    const made = durations.get(key)
    if (made !== undefined) return made
    const duration = Metric.withAttributes(requestDuration, durationAttributes(server, status, errorType))
    durations.set(key, duration)
    return duration
  }

  return <A, R>(
    number: number,
    evaluate: (attempt: Attempt) => Effect.Effect<A, PolloError, R>
  ): Effect.Effect<A, PolloError, R> =>
    Effect.withFiber((fiber) => {
      const clock = fiber.getRef(Clock.Clock)
      const started = clock.monotonicTimeNanosUnsafe()
      const observed = (span: Tracer.Span | undefined) => {
        const attempt: Attempt = { span, status: undefined }
        return Effect.onExit(evaluate(attempt), (exit) => {
          const { status } = attempt
          const errorType = errorTypeOf(exit, status)
          if (status !== undefined) span?.attribute("http.response.status_code", status)
          if (errorType !== undefined) span?.attribute("error.type", errorType)
          const seconds = Number(clock.monotonicTimeNanosUnsafe() - started) / 1e9
          durationOf(status, errorType).updateUnsafe(seconds, fiber.context)
          return Effect.void
        })
      }
      if (!spanRequired && fiber.getRef(Tracer.Tracer) === Tracer.nativeTracer) return observed(undefined)
      return Effect.useSpan(
        attemptSpan,
        { kind: "client", attributes: attemptAttributes(server, number) },
        (span) => Effect.withParentSpan(observed(span), span, { captureStackTrace: false })
      )
    })
}

const errorTypeOf = (exit: Exit.Exit<unknown, PolloError>, status: number | undefined): string | undefined =>
  Exit.isSuccess(exit)
    ? undefined
    : errorType(Option.getOrUndefined(Cause.findErrorOption(exit.cause)), status, outcomeOf(exit))

/**
 * One span around the call, and the call's metrics, however the call ends. As for attempts, there is no span without a
 * tracer.
 */
export const observeCall = <Args extends ReadonlyArray<unknown>, A>(
  attempt: (number: number, ...args: Args) => A,
  call: (counted: typeof attempt) => Effect.Effect<CreditBalance, PolloError>
): Effect.Effect<CreditBalance, PolloError> =>
  Effect.withFiber((fiber) => {
    const clock = fiber.getRef(Clock.Clock)
    const { context } = fiber
    const started = clock.monotonicTimeNanosUnsafe()
    let attempts = 0
    const counted: typeof attempt = (number, ...args) => {
      attempts = number
      return attempt(number, ...args)
    }
    const observed = (span: Tracer.Span | undefined) => (exit: Exit.Exit<CreditBalance, PolloError>) => {
      const outcome = outcomeOf(exit)
      span?.attribute("pollo.attempts", attempts)
      span?.attribute("pollo.outcome", outcome)
      requests.updateUnsafe(attempts, context)
      if (attempts > 1) retries.updateUnsafe(attempts - 1, context)
      outcomeCounter(outcome).updateUnsafe(1, context)
      latency.updateUnsafe(Duration.nanos(clock.monotonicTimeNanosUnsafe() - started), context)
      if (Exit.isSuccess(exit)) availableCredits.updateUnsafe(exit.value.availableCredits, context)
      return Effect.void
    }
    if (fiber.getRef(Tracer.Tracer) === Tracer.nativeTracer) return Effect.onExit(call(counted), observed(undefined))
    return Effect.useSpan(
      callSpan,
      (span) => Effect.onExit(Effect.withParentSpan(call(counted), span, { captureStackTrace: false }), observed(span))
    )
  })

/** How a call ended: with a balance, with an error of the union, by an interruption, or by a defect. */
export type Outcome = "Success" | PolloError["_tag"] | "Interrupted" | "Defect"

export const outcomeOf = <E extends { readonly _tag: string }>(
  exit: Exit.Exit<unknown, E>
): "Success" | E["_tag"] | "Interrupted" | "Defect" => {
  if (Exit.isSuccess(exit)) return "Success"
  const error = Cause.findErrorOption(exit.cause)
  if (Option.isSome(error)) return error.value._tag
  return Cause.hasInterruptsOnly(exit.cause) ? "Interrupted" : "Defect"
}
