/**
 * Spans, metrics and logs over OTLP, to a collector that stands in for yours and prints what it was sent as a table.
 *
 * With a collector of your own the layer is all you need: `Otlp.layerJson({ baseUrl: "http://localhost:4318" })`.
 */
import { PolloCredits } from "@effect-pollo/client"
import { MockServer } from "@effect-pollo/mock-server/effect"
import { NodeRuntime } from "@effect/platform-node"
import { serve } from "@hono/node-server"
import { Console, Effect, Redacted } from "effect"
import { FetchHttpClient } from "effect/http"
import { Otlp, type OtlpLogger, type OtlpMetrics, type OtlpResource, type OtlpTracer } from "effect/observability"
import { Hono } from "hono"

/** Two calls: one needs a retry, the other fails. The client logs nothing itself: its errors are for us to tell. */
const program = (baseUrl: string) =>
  Effect.forEach(["mock_500_then_low_balance", "mock_unauthorized"], (key) =>
    PolloCredits.getBalance.pipe(
      Effect.flatMap(({ availableCredits }) => Effect.logWarning(`${availableCredits} credits left`)),
      Effect.catch((error) => Effect.logError(`no balance: ${error._tag}`)),
      Effect.provide(PolloCredits.layer({ apiKey: Redacted.make(key), baseUrl }))
    ), { discard: true })

interface Row {
  readonly signal: "span" | "metric" | "log"
  readonly name: string | undefined
  readonly value: string
  readonly attributes: string
}

/** What is the same in every row is left out. */
const attributesOf = (attributes: ReadonlyArray<OtlpResource.KeyValue> = []): string =>
  attributes
    .filter(({ key }) => !/^(url\.full|server\..*|unit|time_unit)$/.test(key))
    .map(({ key, value }) => `${key}=${Object.values(value).join()}`)
    .join(" ")

const spanRows = ({ resourceSpans }: OtlpTracer.TraceData): ReadonlyArray<Row> =>
  resourceSpans.flatMap(({ scopeSpans }) => scopeSpans).flatMap(({ spans }) => spans).map((span) => ({
    signal: "span",
    name: span.name,
    value: `${Math.round((Number(span.endTimeUnixNano) - Number(span.startTimeUnixNano)) / 1e6)} ms`,
    attributes: attributesOf(span.attributes)
  }))

const metricRows = ({ resourceMetrics }: OtlpMetrics.MetricsData): ReadonlyArray<Row> =>
  resourceMetrics.flatMap(({ scopeMetrics }) => scopeMetrics).flatMap(({ metrics }) => metrics).flatMap((metric) => {
    const row = (value: string, attributes: ReadonlyArray<OtlpResource.KeyValue> | undefined): Row => ({
      signal: "metric",
      name: metric.name,
      value,
      attributes: attributesOf(attributes)
    })
    const figures = metric.sum?.dataPoints ?? metric.gauge?.dataPoints ?? []
    const histograms = metric.histogram?.dataPoints ?? []
    return figures.map(({ asDouble, asInt, attributes }) => row(`${asDouble ?? asInt}`, attributes))
      .concat(histograms.map(({ attributes, count, sum }) => row(`${count} in ${sum} ${metric.unit}`, attributes)))
  })

const logRows = ({ resourceLogs }: OtlpLogger.LogsData): ReadonlyArray<Row> =>
  resourceLogs.flatMap(({ scopeLogs }) => scopeLogs).flatMap(({ logRecords }) => logRecords ?? []).map((log) => ({
    signal: "log",
    name: log.severityText,
    value: `${log.body?.stringValue}`,
    attributes: attributesOf(log.attributes)
  }))

/** A collector on a free port, with what it has been sent. */
const collector = Effect.acquireRelease(
  Effect.callback<{ readonly rows: ReadonlyArray<Row>; readonly url: string; readonly close: () => void }>((resume) => {
    const rows: Array<Row> = []
    const { fetch } = new Hono()
      .post("/v1/traces", async ({ json, req }) => json(rows.push(...spanRows(await req.json()))))
      .post("/v1/metrics", async ({ json, req }) => json(rows.push(...metricRows(await req.json()))))
      .post("/v1/logs", async ({ json, req }) => json(rows.push(...logRows(await req.json()))))
    const server = serve(
      { fetch, port: 0, hostname: "127.0.0.1" },
      ({ port }) => resume(Effect.succeed({ rows, url: `http://127.0.0.1:${port}`, close: () => server.close() }))
    )
  }),
  ({ close }) => Effect.sync(close)
)

const main = Effect.gen(function*() {
  const mock = yield* MockServer
  const { rows, url } = yield* collector
  const telemetry = Otlp.layerJson({
    baseUrl: url,
    resource: { serviceName: "render-farm", serviceVersion: "1.0.0" },
    loggerMergeWithExisting: false
  })
  // What is left in the exporters is sent when their layer closes, so before the table is printed.
  yield* program(mock.baseUrl).pipe(Effect.provide(telemetry))
  yield* Console.table(rows)
}).pipe(Effect.scoped)

NodeRuntime.runMain(main.pipe(Effect.provide(FetchHttpClient.layer), Effect.provide(MockServer.layer())))
