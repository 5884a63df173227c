import { telemetry } from "@effect-pollo/behaviour"
import { Effect, Metric } from "effect"
import { describe, expect, it } from "vitest"
import { run } from "../src/runner.ts"

const registry = new Map()

const measured = Effect.map(
  Metric.snapshot,
  (snapshots) =>
    snapshots.map(({ attributes = {}, description, id, state }): telemetry.SeenMetric => ({
      name: id,
      description,
      attributes: { ...attributes },
      figure: "value" in state ? Number(state.value) : "count" in state ? Number(state.count) : NaN,
      boundaries: "buckets" in state ? state.buckets.map(([boundary]) => boundary).filter(Number.isFinite) : undefined
    }))
)

describe("telemetry", () => {
  it("has the spans and the metrics of the table", async () => {
    const spans: Array<telemetry.SeenSpan> = []
    for (const row of telemetry.calls) {
      const observed = await run(row, registry)
      expect(observed.outcome).toBe(row.wants.outcome)
      for (const { attributes, kind, name } of observed.spans) {
        spans.push({ name, kind, attributes: Object.fromEntries(attributes) })
      }
    }
    expect(spans).toEqual(telemetry.spans)
    const metrics = await Effect.runPromise(Effect.provideService(measured, Metric.MetricRegistry, registry))
    expect(metrics).toHaveLength(telemetry.metrics.length)
    for (const metric of telemetry.metrics) expect(metrics).toContainEqual(metric)
  })
})
