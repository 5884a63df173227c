/** Holds the tables of docs/telemetry.md to what the code emits: nothing more, nothing less. */
import { RequestPolicy } from "@effect-pollo/client"
import { BalanceCache } from "@effect-pollo/client/BalanceCache"
import { BalanceCacheRedis } from "@effect-pollo/client/BalanceCacheRedis"
import { CreditBudget } from "@effect-pollo/client/CreditBudget"
import { PolloCreditsTest } from "@effect-pollo/client/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Logger, Metric } from "effect"
import { Redis } from "effect/persistence"
import { TestClock } from "effect/testing"
import { glob, readFile } from "node:fs/promises"
import { recordingTracer } from "../support/recordingTracer.ts"
import { hang, ok, refused, scripted, status } from "../support/scripted.ts"

const docs = await readFile(new URL("../../../../docs/telemetry.md", import.meta.url), "utf8")

/** The cells of the table that begins with these headings, without their code marks. */
const table = (...headings: ReadonlyArray<string>): ReadonlyArray<ReadonlyArray<string>> => {
  const cells = (line: string) => line.split("|").slice(1, -1).map((cell) => cell.trim().replaceAll("`", ""))
  const lines = docs.split("\n")
  const start = lines.findIndex((line) => cells(line).slice(0, headings.length).join() === headings.join())
  const rows = lines.slice(start + 2)
  return rows.slice(0, rows.findIndex((line) => !line.startsWith("|"))).map(cells)
}

const fresh = Effect.provideServiceEffect(Metric.MetricRegistry, Effect.sync(() => new Map()))

/** Everything a call and a budget can come to, under a tracer that keeps the spans. */
const everything = Effect.gen(function*() {
  const { spans, tracer } = recordingTracer()
  const { credits } = yield* scripted({}, status(503), ok, status(401), refused, hang)
  const calls = RequestPolicy.override({ maxRetries: 1 })(credits.getBalance)
  const budget = (options: CreditBudget.Options, ...script: ReadonlyArray<PolloCreditsTest.Step>) =>
    Effect.scoped(Effect.result(CreditBudget.reserve(30))).pipe(
      Effect.andThen(Effect.scoped(Effect.result(CreditBudget.reserve(30)))),
      Effect.provide(CreditBudget.layer(options).pipe(Layer.provide(PolloCreditsTest.layer(script))))
    )
  const redis = Layer.effect(
    Redis.Redis,
    Redis.make({ send: () => Effect.never, connect: Effect.never, subscribe: () => Effect.never })
  )
  const fleetCache = BalanceCacheRedis.layer({ account: "a", timeToLive: "1 minute" }).pipe(
    Layer.provide([redis, PolloCreditsTest.layer(40)]),
    Layer.provideMerge(Logger.layer([]))
  )
  const fiber = yield* Effect.all([
    Effect.result(calls),
    Effect.result(calls),
    Effect.result(calls),
    BalanceCache.get.pipe(Effect.provide(fleetCache)),
    budget({}, 40, 5),
    budget({ limits: [{ credits: 40, every: "1 day" }] }, 40),
    budget({ onUnreadable: "allow" }, PolloCreditsTest.error.serverError()),
    CreditBudget.reserve(30).pipe(
      Effect.andThen(CreditBudget.holds),
      Effect.andThen(([hold]) => CreditBudget.free(hold?.id ?? "")),
      Effect.scoped,
      Effect.provide(CreditBudget.layer().pipe(Layer.provide(PolloCreditsTest.layer(40))))
    )
  ]).pipe(Effect.withTracer(tracer), Effect.forkChild)
  // The name of an account is hashed outside the test's time, so what sleeps may begin to only after a while.
  while (fiber.pollUnsafe() === undefined) {
    yield* TestClock.adjust("1 hour")
    yield* TestClock.withLive(Effect.sleep("2 millis"))
  }
  yield* Fiber.join(fiber)
  return { spans, metrics: yield* Metric.snapshot }
}).pipe(fresh)

const sorted = (rows: Iterable<string>) => Array.from(new Set(rows)).toSorted()

describe("docs/telemetry.md", () => {
  it.effect("lists every span, with its kind", () =>
    Effect.gen(function*() {
      const { spans } = yield* everything
      assert.deepEqual(
        sorted(table("span", "kind").map(([name, kind]) => `${name} ${kind}`)),
        sorted(spans.map(({ kind, name }) => `${name} ${kind}`))
      )
    }))

  it.effect("lists every attribute of every span", () =>
    Effect.gen(function*() {
      const { spans } = yield* everything
      assert.deepEqual(
        sorted(table("span", "attribute").map(([span, attribute]) => `${span} ${attribute}`)),
        sorted(spans.flatMap(({ attributes, name }) => Array.from(attributes.keys(), (key) => `${name} ${key}`)))
      )
    }))

  it.effect("lists every metric, with its type, unit, attributes and description", () =>
    Effect.gen(function*() {
      const { metrics } = yield* everything
      const units: Readonly<Record<string, string>> = { milliseconds: "ms", s: "s" }
      const emitted = new Map<string, { readonly line: string; readonly attributes: Set<string> }>()
      for (const { attributes = {}, description, id, type } of metrics) {
        const { time_unit, unit = time_unit, ...rest } = attributes
        const line = `${id} ${type.toLowerCase()} ${unit === undefined ? "1" : units[unit]}: ${description}`
        const known = emitted.get(id) ?? { line, attributes: new Set() }
        for (const name of Object.keys(rest)) known.attributes.add(name)
        emitted.set(id, known)
      }
      assert.deepEqual(
        sorted(
          table("metric").map(([id, type, unit, attributes = "", what]) =>
            `${id} ${type} ${unit}: ${what} [${attributes.split(", ").filter(Boolean).toSorted().join()}]`
          )
        ),
        sorted(Array.from(emitted.values(), ({ attributes, line }) => `${line} [${sorted(attributes).join()}]`))
      )
    }))

  it("lists every log", async () => {
    const written: Array<string> = []
    for await (const file of glob("../../src/**/*.ts", { cwd: import.meta.dirname })) {
      const source = await readFile(new URL(file, import.meta.url), "utf8")
      const code = source.replaceAll(/^\s*\*.*$/gm, "")
      const logs = Array.from(code.matchAll(/Effect\.log(\w*)\(\s*(?:"([^"]*)"|`([^`]*)`)/g))
      assert.strictEqual(logs.length, Array.from(code.matchAll(/Effect\.log|Console\./g)).length, file)
      for (const [, level = "", plain, template = ""] of logs) {
        written.push(`${level.toLowerCase()} ${plain ?? template.replaceAll(/\$\{[^}]*\}/g, "…")}`)
      }
    }
    assert.deepEqual(sorted(table("level").map(([level, message]) => `${level} ${message}`)), sorted(written))
  })
})
