import { telemetry } from "@effect-pollo/behaviour"
import { Effect, Metric, Option } from "effect"
import { describe, expect, it } from "vitest"
import { run } from "../src/runner.ts"

/** Only the metrics of this package, because Effect 3 has one registry for a whole process. */
const measured = Effect.map(
  Metric.snapshot,
  (pairs) =>
    pairs.filter(({ metricKey }) => /^(?:pollo|http)\./.test(metricKey.name)).map((
      { metricKey, metricState }
    ): telemetry.SeenMetric => ({
      name: metricKey.name,
      description: Option.getOrUndefined(metricKey.description),
      attributes: Object.fromEntries(metricKey.tags.map(({ key, value }) => [key, value])),
      figure: Number(
        "value" in metricState ? metricState.value : "count" in metricState ? metricState.count : NaN
      ),
      boundaries: "buckets" in metricState && Array.isArray(metricState.buckets)
        ? metricState.buckets.map(([boundary]) => boundary).filter(Number.isFinite)
        : undefined
    }))
)

describe("telemetry", () => {
  it("has the spans and the metrics of the table", async () => {
    const spans: Array<telemetry.SeenSpan> = []
    for (const row of telemetry.calls) {
      const observed = await run(row)
      expect(observed.outcome).toBe(row.wants.outcome)
      for (const { attributes, kind, name } of observed.spans) {
        spans.push({ name, kind, attributes: Object.fromEntries(attributes) })
      }
    }
    expect(spans).toEqual(telemetry.spans)
    const metrics = await Effect.runPromise(measured)
    expect(metrics).toHaveLength(telemetry.metrics.length)
    for (const metric of telemetry.metrics) expect(metrics).toContainEqual(metric)
  })
})
