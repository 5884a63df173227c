/** Spans and metrics, under the names of the client for Effect 4, so that a dashboard need not know which one runs. */
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

const counter = (name: string, description: string) => Metric.counter(name, { description, incremental: true })

const requests = counter("pollo.client.requests", "Attempts to send a request")
const retries = counter("pollo.client.retries", "Attempts after the first of a call")
const outcomes = counter("pollo.client.outcomes", "Finished calls, by outcome: Success or the tag of the error")
const latency = Metric.timerWithBoundaries(
  "pollo.client.duration",
  Array.from({ length: 16 }, (_, power) => 2 ** power),
  "Time from the start of a call to its outcome, waits included"
)
const available = Metric.gauge("pollo.credits.available", {
  description: "Available credits in the last successful reading"
})
const requestDuration = Metric.histogram(
  "http.client.request.duration",
  MetricBoundaries.fromIterable([0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]),
  "Duration of HTTP client requests, to the last byte of the body"
).pipe(Metric.tagged("unit", "s"), Metric.tagged("http.request.method", "GET"))

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
    "PolloCredits.getBalance",
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
  const address = url.hostname.replaceAll(/^\[|\]$/g, "")
  const port = Number(url.port) || (url.protocol === "https:" ? 443 : 80)
  const durations = requestDuration.pipe(
    Metric.tagged("server.address", address),
    Metric.tagged("server.port", String(port))
  )
  return <A>(number: number, evaluate: (observed: Observed) => Effect.Effect<A, PolloError>) =>
    Effect.useSpan("GET", {
      kind: "client",
      captureStackTrace: false,
      attributes: {
        "http.request.method": "GET",
        "url.full": url.href,
        "server.address": address,
        "server.port": port,
        ...(number === 1 ? undefined : { "http.request.resend_count": number - 1 })
      }
    }, (span) =>
      Effect.flatMap(Clock.currentTimeNanos, (started) => {
        const observed: Observed = { span, status: undefined }
        return Effect.onExit(evaluate(observed), (exit) => {
          const { status } = observed
          const type = errorTypeOf(exit, status)
          if (status !== undefined) span.attribute("http.response.status_code", status)
          if (type !== undefined) span.attribute("error.type", type)
          const tags = {
            ...(status === undefined ? undefined : { "http.response.status_code": String(status) }),
            ...(type === undefined ? undefined : { "error.type": type })
          }
          const metric = Object.entries(tags).reduce(
            (metric, [key, value]) => Metric.tagged(metric, key, value),
            durations
          )
          return Effect.flatMap(Clock.currentTimeNanos, (now) => Metric.update(metric, Number(now - started) / 1e9))
        })
      }))
}

/** An attempt that was given up while the body of an error was under way had failed by its status. */
const errorTypeOf = (exit: Exit.Exit<unknown, PolloError>, status: number | undefined): string | undefined => {
  if (Exit.isSuccess(exit)) return undefined
  const error = Option.getOrUndefined(Cause.failureOption(exit.cause))
  if (error === undefined) return status === undefined || status === 200 ? outcomeOf(exit) : String(status)
  return "status" in error ? String(error.status) : error._tag
}
