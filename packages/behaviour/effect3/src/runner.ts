/** Runs a row through `@effect-pollo/client-effect3` on a clock of its own. */
import { FetchHttpClient, type HttpClient } from "@effect/platform"
import { alike, baseUrl, fieldsOf, key, printable, type Row, scriptedFetch, settle } from "@effect-pollo/behaviour"
import {
  type CreditBalance,
  type PolloConfigError,
  PolloCredits,
  PolloError,
  RequestPolicy
} from "@effect-pollo/client-effect3"
import {
  Cause,
  Chunk,
  ConfigProvider,
  Duration,
  Effect,
  Exit,
  Fiber,
  Layer,
  Logger,
  Option,
  Random,
  Redacted,
  Runtime,
  Schema,
  TestClock,
  TestContext,
  Tracer
} from "effect"

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
      Effect.withConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(environment))))
    )
  return overrides.reduce<Call>((inner, policy) => RequestPolicy.override(inner, policy), call)
}

const isPolloError = Schema.is(PolloError)
const encode = Schema.encodeSync(PolloError)
const decode = Schema.decodeUnknownSync(PolloError)

const survivesJson = (error: unknown): boolean => {
  if (!isPolloError(error)) return true
  const back = decode(JSON.parse(JSON.stringify(encode(error))))
  return alike(fieldsOf(back, millisOf), fieldsOf(error, millisOf))
}

const millisOf = (field: unknown): unknown => Duration.isDuration(field) ? Duration.toMillis(field) : field

interface SeenSpan {
  readonly name: string
  readonly kind: string
  readonly attributes: ReadonlyMap<string, unknown>
}

/** What can be seen of a call from outside. `row.chance` is what each random number is. */
export const observe = (row: Row, call: Call) =>
  Effect.gen(function*() {
    const logged: Array<unknown> = []
    const spans: Array<SeenSpan & { exit?: unknown }> = []
    const tracer = Tracer.make({
      context: (run) => run(),
      span: (name, parent, context, links, startTime, kind) => {
        const attributes = new Map<string, unknown>()
        const span: (typeof spans)[number] = { name, kind, attributes }
        spans.push(span)
        return {
          _tag: "Span",
          name,
          spanId: `${spans.length}`.padStart(16, "0"),
          traceId: "1".padStart(32, "0"),
          parent,
          context,
          links,
          kind,
          sampled: true,
          status: { _tag: "Started", startTime },
          attributes,
          attribute: (name, value) => void attributes.set(name, value),
          addLinks: () => undefined,
          event: () => undefined,
          end: (_, exit) => void (span.exit = exit)
        }
      }
    })
    const exit = yield* call.pipe(
      Effect.tapErrorCause(Effect.logError),
      Effect.exit,
      Effect.withTracer(tracer),
      Effect.withRandom(Random.fixed([row.chance ?? 0])),
      Effect.provide(
        Logger.replace(Logger.defaultLogger, Logger.make(({ cause, message }) => void logged.push(message, cause)))
      )
    )
    const value: unknown = Exit.isSuccess(exit) ? exit.value : Cause.squash(exit.cause)
    const fields = fieldsOf(value, millisOf)
    return {
      spans,
      outcome: Exit.isSuccess(exit) ? "Balance" : String(fields["_tag"] ?? value),
      fields,
      survivesJson: survivesJson(value),
      printed: [
        Exit.isSuccess(exit) ? "" : Cause.pretty(exit.cause, { renderErrorCause: true }),
        ...[exit, value, logged, spans].flatMap(printable)
      ].join("\n")
    }
  })

export const run = (row: Row) =>
  Effect.gen(function*() {
    const clock = yield* TestClock.testClock()
    const now = () => clock.unsafeCurrentTimeMillis()
    const runtime = yield* Effect.runtime<never>()
    const { fetch, open, requests } = scriptedFetch(row.replies, {
      now,
      sleep: (millis) => Runtime.runPromise(runtime)(Effect.sleep(millis))
    })
    const fiber = yield* observe(row, callOf(row)).pipe(
      Effect.map((observed) => ({ ...observed, endedAt: now() })),
      Effect.provide(FetchHttpClient.layer.pipe(Layer.provide(Layer.succeed(FetchHttpClient.Fetch, fetch)))),
      Effect.fork
    )
    for (;;) {
      yield* Effect.promise(settle)
      const exit = yield* Fiber.poll(fiber)
      if (Option.isSome(exit)) return { ...(yield* exit.value), requests, open: open() }
      const due = Chunk.toReadonlyArray(yield* TestClock.sleeps()).filter((at) => at > now())
      if (due.length === 0) return yield* Effect.dieMessage("the call waits for nothing that will come")
      yield* TestClock.setTime(Math.min(...due))
    }
  }).pipe(Effect.provide(TestContext.TestContext), Effect.runPromise)
