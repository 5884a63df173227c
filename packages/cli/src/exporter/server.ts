/** The HTTP server that Prometheus scrapes: its paths, and how long a scrape may take. */
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { constVoid } from "effect/Function"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Predicate from "effect/Predicate"
import { createServer } from "node:http"
import { CannotListen } from "../values/problems.ts"

export interface Address {
  readonly host: string
  readonly port: number
}

/** The metrics, after waiting for the vendor at most `patience`. */
export type Scrape = (patience: Duration.Duration) => Effect.Effect<string>

/** Enough for most answers of the vendor, slow ones included. */
const mostPatience = Duration.seconds(5)

/**
 * How long a scrape may wait for the vendor. Prometheus sends its own timeout in seconds. Half a second of that is kept
 * for the answer, or half of a short timeout.
 */
const patienceFor = (timeout: string | undefined): Duration.Duration => {
  const seconds = timeout === undefined ? Number.NaN : Number(timeout)
  if (!Number.isFinite(seconds) || seconds <= 0) return mostPatience
  return Duration.min(mostPatience, Duration.seconds(Math.max(seconds - 0.5, seconds / 2)))
}

const landing = `<!doctype html>
<meta charset="utf-8">
<title>pollo-credits exporter</title>
<h1>pollo-credits exporter</h1>
<p><a href="/metrics">Metrics</a></p>
`

const pages = (scrape: Scrape) => ({
  "/metrics": Effect.flatMap(HttpServerRequest.HttpServerRequest, ({ headers }) =>
    Effect.map(
      scrape(patienceFor(headers["x-prometheus-scrape-timeout-seconds"])),
      (metrics) => HttpServerResponse.text(metrics, { contentType: "text/plain; version=0.0.4; charset=utf-8" })
    )),
  "/healthz": Effect.succeed(HttpServerResponse.text("ok\n")),
  "/": Effect.succeed(HttpServerResponse.html(landing))
})

const app = (scrape: Scrape) => {
  const known = new Map(Object.entries(pages(scrape)))
  return Effect.flatMap(HttpServerRequest.HttpServerRequest, ({ method, url }) => {
    const page = known.get(url.split("?", 1)[0] ?? "")
    if (page === undefined) {
      return Effect.succeed(HttpServerResponse.text("no such page; /metrics has the metrics\n", { status: 404 }))
    }
    return method === "GET" || method === "HEAD" ? page : Effect.succeed(
      HttpServerResponse.text("only GET and HEAD\n", { status: 405, headers: { allow: "GET, HEAD" } })
    )
  })
}

/** Serves until its scope closes, which ends every connection. Returns the port. */
export const serve = Effect.fnUntraced(function*(address: Address, scrape: Scrape) {
  const server = createServer()
  const { serve } = yield* NodeHttpServer.make(() => server, { ...address }).pipe(
    Effect.mapError(({ cause }) =>
      new CannotListen({ code: Predicate.hasProperty(cause, "code") ? String(cause.code) : "unknown" })
    )
  )
  // A connection that cannot be accepted, because file descriptors have run out, must not end the program.
  server.on("error", constVoid)
  yield* serve(app(scrape))
  // Runs before the server waits for its connections, because a running scrape is not worth the wait.
  yield* Effect.addFinalizer(() =>
    Effect.sync(() => {
      server.close()
      server.closeAllConnections()
    })
  )
  const bound = server.address()
  return bound !== null && typeof bound === "object" ? bound.port : address.port
})
