import { Hono } from "hono"
import { cors } from "hono/cors"
import type { MiddlewareHandler } from "hono/types"
import { errorBody } from "./error-body.ts"
import type { Exchange } from "./exchange.ts"
import type { Settings } from "./settings.ts"
import { specText } from "./spec.ts"
import type { Tenants } from "./tenants.ts"

/** Where the API lives under the server's url, as in the vendor's `servers`. */
export const basePath = "/api/platform"

export type AppEnv = { Bindings: Exchange }

const localOrigin = /^https?:\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/

const localCors = cors({
  origin: (origin) => (localOrigin.test(origin) ? origin : null),
  allowMethods: ["GET", "HEAD"],
  exposeHeaders: ["Retry-After"],
  maxAge: 600
})

/** Only browsers send `Origin`: every other client is spared the work. */
const corsForBrowsers: MiddlewareHandler<AppEnv> = (c, next) =>
  c.req.header("origin") === undefined ? next() : localCors(c, next)

const readMethods = "GET, HEAD, OPTIONS"

/** The vendor's API. Paths are relative to {@link basePath}. */
export const createApi = (tenants: Tenants, settings: Settings) =>
  new Hono<AppEnv>()
    .use(corsForBrowsers)
    .get("/credit/balance", (c) => {
      const key = c.req.header("x-api-key")
      if (key === undefined || key === "") {
        return c.json(errorBody(401, "No API key: send one in the x-api-key header"), 401)
      }
      const tenant = tenants.get(key)
      const step = tenant.takeStep()
      const context = { balance: tenant.ledger.balance, settings, random: tenant.random, url: c.req.url }
      if (step.delay !== undefined || step.fault !== undefined) {
        c.env.delivery = {
          step: step.name,
          delayMillis: step.delay?.(context) ?? 0,
          fault: step.fault,
          clock: tenant.clock,
          random: tenant.random
        }
      }
      const { body, headers, status } = step.answer(context)
      return body === null ? c.body(null, status, headers) : c.body(body, status, headers)
    })
    .get("/api/openapi.json", (c) => c.body(specText, 200, { "content-type": "application/json" }))
    .on("ALL", ["/credit/balance", "/api/openapi.json"], (c) =>
      c.req.method === "OPTIONS"
        ? c.body(null, 204, { allow: readMethods })
        : c.json(errorBody(405, `${c.req.method} is not supported here, only ${readMethods}`), 405, {
          allow: readMethods
        }))
