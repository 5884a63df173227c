/**
 * A web service that shows the balance: Hono outside, Effect inside, one runtime for both.
 */
import { type PolloConfigError, PolloCredits } from "@effect-pollo/client"
import { serve } from "@hono/node-server"
import { Effect, Layer, ManagedRuntime } from "effect"
import { FetchHttpClient } from "effect/http"
import { Hono } from "hono"

/** A visitor learns that the figure is not to be had, never why: that is for the log. */
const balance = PolloCredits.getBalance.pipe(
  Effect.map(({ availableCredits }) => ({ status: 200, body: { availableCredits } }) as const),
  Effect.tapError((error) => Effect.logWarning("no balance", error)),
  Effect.catch((error) =>
    Effect.succeed({ status: error.isRetryable ? 503 : 500, body: { message: "balance not available" } } as const)
  )
)

export const makeApp = (runtime: ManagedRuntime.ManagedRuntime<PolloCredits, PolloConfigError>) =>
  new Hono().get("/credits", async (context) => {
    // A visitor who leaves interrupts the call: nothing is sent for nobody.
    const { body, status } = await runtime.runPromise(balance, { signal: context.req.raw.signal })
    return context.json(body, status)
  })

if (import.meta.main) {
  const runtime = ManagedRuntime.make(PolloCredits.layerConfig().pipe(Layer.provide(FetchHttpClient.layer)))
  const { fetch } = makeApp(runtime)
  const server = serve({ fetch, port: 3000 }, ({ port }) => console.log(`http://localhost:${port}/credits`))
  process.once("SIGINT", () => server.close(() => void runtime.dispose()))
}
