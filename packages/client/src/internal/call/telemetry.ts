/** Every span, attribute and metric of the client, by name. */
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

const requests = Metric.counter("pollo.client.requests", {
  description: "Attempts to send a request",
  incremental: true
})
const retries = Metric.counter("pollo.client.retries", {
  description: "Attempts after the first of a call",
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

/** The conventions' own metric, with the boundaries that they advise, in seconds. */
const requestDuration = Metric.histogram("http.client.request.duration", {
  description: "Duration of HTTP client requests, to the last byte of the body",
  boundaries: [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
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
 * There is no span when nobody traces and nobody needs its id: it would cost a fifth of a call.
 */
export const attemptObserver = (url: URL, spanRequired: boolean) => {
  const address = url.hostname.replace(/^\[|\]$/g, "")
  const port = Number(url.port) || (url.protocol === "https:" ? 443 : 80)
  const durations = new Map<string, Metric.Histogram<number>>()

  const durationOf = (status: number | undefined, errorType: string | undefined) => {
    const key = `${status} ${errorType}`
    const made = durations.get(key)
    if (made !== undefined) return made
    const duration = Metric.withAttributes(requestDuration, {
      "http.request.method": "GET",
      "server.address": address,
      "server.port": String(port),
      ...(status === undefined ? undefined : { "http.response.status_code": String(status) }),
      ...(errorType === undefined ? undefined : { "error.type": errorType })
    })
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
      return Effect.useSpan("GET", {
        kind: "client",
        attributes: {
          "http.request.method": "GET",
          "url.full": url.href,
          "server.address": address,
          "server.port": port,
          ...(number === 1 ? undefined : { "http.request.resend_count": number - 1 })
        }
      }, (span) => Effect.withParentSpan(observed(span), span, { captureStackTrace: false }))
    })
}

/**
 * The status of an error that has one, else its tag; also for an attempt that a timeout or its caller gave up. One that
 * was given up while the body of an error was under way had failed by its status.
 */
const errorTypeOf = (exit: Exit.Exit<unknown, PolloError>, status: number | undefined): string | undefined => {
  if (Exit.isSuccess(exit)) return undefined
  const error = Cause.findErrorOption(exit.cause)
  if (Option.isNone(error) && status !== undefined && status !== 200) return String(status)
  return Option.isSome(error) && "status" in error.value ? String(error.value.status) : outcomeOf(exit)
}

/**
 * One span around the call, and the call's metrics, whichever way it ends. As for attempts there is no span when nobody
 * traces.
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
      "PolloCredits.getBalance",
      (span) => Effect.onExit(Effect.withParentSpan(call(counted), span, { captureStackTrace: false }), observed(span))
    )
  })

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
