/** Runs a row through `@effect-pollo/client-effect3` on a clock of its own. */
import { FetchHttpClient, type HttpClient } from "@effect/platform"
import { baseUrl, key, type Observed, type Row, scriptedFetch } from "@effect-pollo/behaviour"
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
import { inspect } from "node:util"

type Call = Effect.Effect<CreditBalance, PolloError | PolloConfigError, HttpClient.HttpClient>

/** The call that a row describes. */
export const callOf = (row: Row, at: { readonly apiKey?: string; readonly baseUrl?: string } = {}): Call => {
  const credits = PolloCredits.make({
    baseUrl,
    ...row.options,
    ...at,
    apiKey: Redacted.make(at.apiKey ?? row.options?.apiKey ?? key),
    policy: row.policy
  })
  const call = Effect.flatMap(credits, ({ getBalance }) => getBalance)
  return (row.overrides ?? []).reduce<Call>((inner, policy) => RequestPolicy.override(inner, policy), call)
}

const isPolloError = Schema.is(PolloError)
const encode = Schema.encodeSync(PolloError)
const decode = Schema.decodeUnknownSync(PolloError)

const survivesJson = (error: unknown): boolean => {
  if (!isPolloError(error)) return true
  const back = decode(JSON.parse(JSON.stringify(encode(error))))
  return inspect(fieldsOf(back)) === inspect(fieldsOf(error))
}

const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> => {
  if (typeof value !== "object" || value === null) return {}
  const getters = ["message", "isRetryable", "isTransient"].map((name) => [name, Reflect.get(value, name)])
  return Object.fromEntries(
    [...Object.entries(value), ...getters].map(([name, field]) => [
      name,
      Duration.isDuration(field) ? Duration.toMillis(field) : field
    ])
  )
}

const printable = (value: unknown): ReadonlyArray<string> => [
  inspect(value, { depth: null, showHidden: true, customInspect: false }),
  inspect(value, { depth: null }),
  JSON.stringify(value, (_, field: unknown) => typeof field === "bigint" ? String(field) : field)
]

/** What can be seen of a call from outside. `row.chance` is what each random number is. */
export const observe = (row: Row, call: Call) =>
  Effect.gen(function*() {
    const logged: Array<unknown> = []
    const spans: Array<unknown> = []
    const tracer = Tracer.make({
      context: (run) => run(),
      span: (name, parent, context, links, startTime, kind) => {
        const attributes = new Map<string, unknown>()
        const span: { readonly name: string; readonly attributes: Map<string, unknown>; exit?: unknown } = {
          name,
          attributes
        }
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
    const fields = fieldsOf(value)
    return {
      outcome: Exit.isSuccess(exit) ? "Balance" : String(fields["_tag"] ?? value),
      fields,
      survivesJson: survivesJson(value),
      printed: [
        Exit.isSuccess(exit) ? "" : Cause.pretty(exit.cause, { renderErrorCause: true }),
        ...[exit, value, logged, spans].flatMap(printable)
      ].join("\n")
    }
  })

/** Lets all that streams and promises have under way come to rest. */
const settle = Effect.promise(async () => {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
})

export const run = (row: Row): Promise<Observed> =>
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
      yield* settle
      const exit = yield* Fiber.poll(fiber)
      if (Option.isSome(exit)) return { ...(yield* exit.value), requests, open: open() }
      const due = Chunk.toReadonlyArray(yield* TestClock.sleeps()).filter((at) => at > now())
      if (due.length === 0) return yield* Effect.dieMessage("the call waits for nothing that will come")
      yield* TestClock.setTime(Math.min(...due))
    }
  }).pipe(Effect.provide(TestContext.TestContext), Effect.runPromise)
