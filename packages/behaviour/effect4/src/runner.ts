/** Runs a row through `@effect-pollo/client` on a clock of its own. */
import { alike, baseUrl, fieldsOf, key, printable, type Row, scriptedFetch, settle } from "@effect-pollo/behaviour"
import {
  type CreditBalance,
  type PolloConfigError,
  PolloCredits,
  PolloError,
  RequestPolicy
} from "@effect-pollo/client"
import {
  Cause,
  Clock,
  ConfigProvider,
  Duration,
  Effect,
  Exit,
  Layer,
  Logger,
  Metric,
  Random,
  Redacted,
  Schema,
  Tracer
} from "effect"
import { FetchHttpClient, type HttpClient } from "effect/http"
import { TestClock } from "effect/testing"

type Call = Effect.Effect<CreditBalance, PolloError | PolloConfigError, HttpClient.HttpClient>

/** The call that a row describes. */
export const callOf = (row: Row, at: { readonly apiKey?: string; readonly baseUrl?: string } = {}): Call => {
  const { environment, options = {}, overrides = [], policy } = row
  const call = environment === undefined
    ? Effect.flatMap(
      PolloCredits.make({
        baseUrl,
        ...options,
        ...at,
        apiKey: Redacted.make(at.apiKey ?? options.apiKey ?? key),
        policy
      }),
      ({ getBalance }) => getBalance
    )
    : PolloCredits.getBalance.pipe(
      Effect.provide(PolloCredits.layerConfig({ policy })),
      Effect.provideService(ConfigProvider.ConfigProvider, ConfigProvider.fromEnv({ env: environment }))
    )
  return overrides.reduce<Call>((inner, policy) => RequestPolicy.override(inner, policy), call)
}

const isPolloError = Schema.is(PolloError)
const codec = Schema.toCodecJson(PolloError)
const encode = Schema.encodeSync(codec)
const decode = Schema.decodeUnknownSync(codec)

const survivesJson = (error: unknown): boolean => {
  if (!isPolloError(error)) return true
  const back = decode(JSON.parse(JSON.stringify(encode(error))))
  return alike(fieldsOf(back, millisOf), fieldsOf(error, millisOf))
}

const millisOf = (field: unknown): unknown => Duration.isDuration(field) ? Duration.toMillis(field) : field

/** What can be seen of a call from outside. `row.chance` is what each random number is. */
export const observe = (row: Row, call: Call) =>
  Effect.gen(function*() {
    const logged: Array<unknown> = []
    const spans: Array<Tracer.Span> = []
    const tracer = Tracer.make({
      span: (options) => {
        const span = new Tracer.NativeSpan(options)
        spans.push(span)
        return span
      }
    })
    const random = { ...Random.Random.defaultValue(), nextDoubleUnsafe: () => row.chance ?? 0 }
    const exit = yield* call.pipe(
      Effect.tapCause(Effect.logError),
      Effect.exit,
      Effect.withTracer(tracer),
      Effect.provideService(Random.Random, random),
      Effect.provide(Logger.layer([Logger.make(({ cause, message }) => void logged.push(message, cause))]))
    )
    const value: unknown = Exit.isSuccess(exit) ? exit.value : Cause.squash(exit.cause)
    const fields = fieldsOf(value, millisOf)
    return {
      spans,
      outcome: Exit.isSuccess(exit) ? "Balance" : String(fields["_tag"] ?? value),
      fields,
      survivesJson: survivesJson(value),
      printed: [
        Exit.isSuccess(exit) ? "" : Cause.pretty(exit.cause),
        ...[exit, value, logged, spans].flatMap(printable)
      ].join("\n")
    }
  })

/** `registry` keeps the metrics. */
export const run = (row: Row, registry: typeof Metric.MetricRegistry.Service = new Map()) =>
  Effect.gen(function*() {
    const clock = yield* Clock.Clock
    const due = new Set<number>()
    // Notes the times at which sleepers wake, because the clock is moved from one to the next.
    const noted: Clock.Clock = {
      ...clock,
      sleep: (duration) => {
        const at = clock.currentTimeMillisUnsafe() + Duration.toMillis(duration)
        due.add(at)
        return clock.sleep(duration)
      }
    }
    const now = () => clock.currentTimeMillisUnsafe()
    const context = yield* Effect.context<never>()
    const { fetch, open, requests } = scriptedFetch(row.replies, {
      now,
      sleep: (millis) => Effect.runPromiseWith(context)(noted.sleep(Duration.millis(millis)))
    })
    const fiber = yield* observe(row, callOf(row)).pipe(
      Effect.map((observed) => ({ ...observed, endedAt: now() })),
      Effect.provide(FetchHttpClient.layer.pipe(Layer.provide(Layer.succeed(FetchHttpClient.Fetch, fetch)))),
      Effect.provideService(Clock.Clock, noted),
      Effect.provideService(Metric.MetricRegistry, registry),
      Effect.forkChild
    )
    for (;;) {
      yield* Effect.promise(settle)
      const exit = fiber.pollUnsafe()
      if (exit !== undefined) return { ...(yield* exit), requests, open: open() }
      const next = Math.min(...[...due].filter((at) => at > now()))
      if (next === Infinity) return yield* Effect.die(new Error("the call waits for nothing that will come"))
      yield* TestClock.setTime(next)
    }
  }).pipe(Effect.provide(TestClock.layer()), Effect.runPromise)
