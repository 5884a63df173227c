/**
 * Metrics for Prometheus from a program that spends the credits: its own, the client's, and a balance that is read
 * again when a scrape finds it too old. Where no such program runs, `pollo-credits exporter` serves the balance.
 */
import { PolloCredits } from "@effect-pollo/client"
import { BalanceCache } from "@effect-pollo/client/BalanceCache"
import { MockServer } from "@effect-pollo/mock-server/effect"
import { NodeHttpServer, NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Layer, Metric, Redacted } from "effect"
import { FetchHttpClient, HttpRouter, HttpServer, HttpServerResponse } from "effect/http"
import { PrometheusMetrics } from "effect/observability"
import { createServer } from "node:http"

const renders = Metric.counter("renders", { description: "Videos that were rendered", incremental: true })

/** Prometheus wants a counter to end in `_total`, which OpenTelemetry's names do not. */
const counters = new Set(["renders", "pollo.client.requests", "pollo.client.retries", "pollo.client.outcomes"])
const metricNameMapper = (name: string) => counters.has(name) ? `${name}_total` : name

const scrape = Effect.gen(function*() {
  // At most one request in 30 seconds, however many scrape. An outage leaves the last figure, and has a counter.
  yield* BalanceCache.get.pipe(Effect.timeout("5 seconds"), Effect.ignore)
  const metrics = yield* PrometheusMetrics.format({ metricNameMapper })
  return HttpServerResponse.text(metrics, { contentType: "text/plain; version=0.0.4; charset=utf-8" })
})

const Server = HttpRouter.serve(HttpRouter.add("GET", "/metrics", scrape), {
  disableListenLog: true,
  disableLogger: true
}).pipe(
  Layer.provideMerge(NodeHttpServer.layer(createServer, { port: 0, host: "127.0.0.1" })),
  Layer.provide(BalanceCache.layer({ timeToLive: "30 seconds" })),
  Layer.provide(
    PolloCredits.layer({ apiKey: Redacted.make("farm"), baseUrl: "http://localhost/api/platform" }).pipe(
      Layer.provide(FetchHttpClient.layer)
    )
  ),
  Layer.provideMerge(MockServer.layerFetch({ balance: { availableCredits: 620 } }))
)

/** Stands for a Prometheus that comes three times, while the program renders. */
const story = HttpServer.addressFormattedWith(Effect.fnUntraced(function*(address) {
  const { admin } = yield* MockServer
  let text = ""
  for (let round = 1; round <= 3; round++) {
    yield* Metric.update(renders, 1)
    text = yield* Effect.promise(async () => (await fetch(`${address}/metrics`)).text())
  }
  const { count } = yield* admin.countRequests({ key: "farm" })
  yield* Console.log(
    text.split("\n").filter((line) => /^(renders|pollo_credits|pollo_client_out)/.test(line)).join("\n")
  )
  yield* Console.log(`3 scrapes, ${count} request`)
}))

NodeRuntime.runMain(Effect.provide(story, Server))
