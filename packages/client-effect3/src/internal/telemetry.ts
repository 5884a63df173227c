/** Spans and metrics, with the same names as in the client for Effect 4, so that one dashboard fits both clients. */
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
import * as MetricBoundaries from "effect/MetricBoundaries"
import * as Option from "effect/Option"
import type { Span } from "effect/Tracer"
import type { CreditBalance } from "../CreditBalance.ts"
import type { PolloError } from "../PolloError.ts"

const counter = ({ description, name }: { readonly name: string; readonly description: string }) =>
  Metric.counter(name, { description, incremental: true })

const requests = counter(metrics.requests)
const retries = counter(metrics.retries)
const outcomes = counter(metrics.outcomes)
const latency = Metric.timerWithBoundaries(
  metrics.duration.name,
  metrics.duration.boundaries,
  metrics.duration.description
)
const available = Metric.gauge(metrics.available.name, metrics.available)
const requestDuration = Metric.histogram(
  metrics.requestDuration.name,
  MetricBoundaries.fromIterable(metrics.requestDuration.boundaries),
  metrics.requestDuration.description
).pipe(Metric.tagged("unit", "s"))

const outcomeOf = (exit: Exit.Exit<unknown, PolloError>): string => {
  if (Exit.isSuccess(exit)) return "Success"
  const error = Cause.failureOption(exit.cause)
  if (Option.isSome(error)) return error.value._tag
  return Cause.isInterruptedOnly(exit.cause) ? "Interrupted" : "Defect"
}

/** What one call has done so far. */
export interface Progress {
  attempts: number
}

export const observeCall = (
  call: (progress: Progress) => Effect.Effect<CreditBalance, PolloError>
): Effect.Effect<CreditBalance, PolloError> =>
  Effect.useSpan(
    callSpan,
    { captureStackTrace: false },
    (span) =>
      Effect.flatMap(Clock.currentTimeNanos, (started) => {
        const progress: Progress = { attempts: 0 }
        return call(progress).pipe(
          Effect.withParentSpan(span),
          Effect.onExit((exit) => {
            const outcome = outcomeOf(exit)
            span.attribute("pollo.attempts", progress.attempts)
            span.attribute("pollo.outcome", outcome)
            return Effect.all([
              Metric.incrementBy(requests, progress.attempts),
              Metric.incrementBy(retries, Math.max(0, progress.attempts - 1)),
              Metric.increment(Metric.tagged(outcomes, "outcome", outcome)),
              Effect.flatMap(Clock.currentTimeNanos, (now) => Metric.update(latency, Duration.nanos(now - started))),
              Exit.isSuccess(exit) ? Metric.set(available, exit.value.availableCredits) : Effect.void
            ])
          })
        )
      })
  )

/** The span of one attempt, and the status of its response once there is one. */
export interface Observed {
  readonly span: Span
  status: number | undefined
}

/** Observes attempts at one address by OpenTelemetry's HTTP conventions. */
export const attemptObserver = (url: URL) => {
  const server = serverOf(url)
  return <A>(number: number, evaluate: (observed: Observed) => Effect.Effect<A, PolloError>) =>
    Effect.useSpan(attemptSpan, {
      kind: "client",
      captureStackTrace: false,
      attributes: attemptAttributes(server, number)
    }, (span) =>
      Effect.flatMap(Clock.currentTimeNanos, (started) => {
        const observed: Observed = { span, status: undefined }
        return Effect.onExit(evaluate(observed), (exit) => {
          const { status } = observed
          const type = errorTypeOf(exit, status)
          if (status !== undefined) span.attribute("http.response.status_code", status)
          if (type !== undefined) span.attribute("error.type", type)
          const metric = Object.entries(durationAttributes(server, status, type)).reduce(
            (metric, [key, value]) => Metric.tagged(metric, key, value),
            requestDuration
          )
          return Effect.flatMap(Clock.currentTimeNanos, (now) => Metric.update(metric, Number(now - started) / 1e9))
        })
      }))
}

const errorTypeOf = (exit: Exit.Exit<unknown, PolloError>, status: number | undefined): string | undefined =>
  Exit.isSuccess(exit)
    ? undefined
    : errorType(Option.getOrUndefined(Cause.failureOption(exit.cause)), status, outcomeOf(exit))
