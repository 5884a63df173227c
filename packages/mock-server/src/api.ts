import { Hono } from "hono"
import type { Context } from "hono"
import { cors } from "hono/cors"
import type { Core } from "./core.ts"
import { errorBody } from "./error-body.ts"
import type { Exchange } from "./exchange.ts"
import { retryAfterHeaders } from "./retry-after.ts"
import { specText } from "./spec.ts"
import { json } from "./steps/step.ts"
import type { Answer } from "./steps/step.ts"
import type { Tenant, Tenants } from "./tenants.ts"

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

type Answering = (c: Context<AppEnv>) => Response | Promise<Response>

/** Only browsers send `Origin`: every other client is spared a middleware, which would take as long as the answer. */
const forBrowsersToo = (answering: Answering): Answering => (c) => {
  if (c.req.header("origin") === undefined) return answering(c)
  c.env.takesAnswer = false
  const withCors = async (): Promise<Response> => {
    const preflight = await localCors(c, async () => {
      c.res = await answering(c)
    })
    return preflight ?? c.res
  }
  return withCors()
}

const balancePath = "/credit/balance"
const documentPath = "/api/openapi.json"
const paths: ReadonlySet<string> = new Set([basePath + balancePath, basePath + documentPath])
const readMethods = "GET, HEAD, OPTIONS"

/** Stands for an answer that is sent as it is. */
const noted = new Response(null)

/** The step of answers by the rate limiter, on record. */
export const limitStep = "limit"

/** Notes whose request it is and where it went, for the record. */
export const note = (c: Context<AppEnv>, tenants: Tenants): Tenant | undefined => {
  const key = c.req.header("x-api-key")
  c.env.path = c.req.path
  return key === undefined || key === "" ? undefined : (c.env.tenant = tenants.get(key))
}

const limited = (tenant: Tenant): Answer | undefined => {
  const { clock, limiter } = tenant
  if (limiter === undefined) return undefined
  const now = clock.now()
  const waitMillis = limiter.take(now)
  if (waitMillis === 0) return undefined
  const { capacity, refillPerSecond, retryAfter } = limiter.limit
  return json(
    429,
    errorBody(429, `Too many requests: ${capacity} at once, and then ${refillPerSecond} a second`),
    // Without a refill there is no time to name.
    Number.isFinite(waitMillis) ? retryAfterHeaders(retryAfter, waitMillis, now) : {}
  )
}

/** The vendor's API. Paths are relative to {@link basePath}. */
export const createApi = ({ settings, tenants }: Core) => {
  /** A limited request takes no step: what a plan says happens to requests that get through. */
  const answerFor = (tenant: Tenant, exchange: Exchange, url: string): Answer => {
    const refused = limited(tenant)
    if (refused !== undefined) {
      exchange.step = limitStep
      return refused
    }
    const { name, step } = tenant.takeStep()
    exchange.step = name
    const { clock, random } = tenant
    const context = { balance: tenant.balanceFor(step), settings: settings.current, now: clock.now(), random, url }
    if (step.delay !== undefined || step.fault !== undefined) {
      const { conforms, fault } = step
      const delayMillis = step.delay?.(context) ?? 0
      const breaksAnswer = fault !== undefined && !conforms
      exchange.delivery = { step: name, delayMillis, fault, breaksAnswer, clock, random }
    }
    return step.answer(context)
  }

  const answerBalance: Answering = (c) => {
    const tenant = note(c, tenants)
    if (tenant === undefined) {
      return c.json(errorBody(401, "No API key: send one in the x-api-key header"), 401)
    }
    const exchange = c.env
    const answer = answerFor(tenant, exchange, c.req.url)
    const { body, headers, status } = answer
    exchange.retryAfter = headers["retry-after"]
    if (body === null) return c.body(null, status, headers)
    if (!exchange.takesAnswer || exchange.delivery !== undefined) return c.body(body, status, headers)
    exchange.answer = answer
    return noted
  }

  const answerDocument: Answering = (c) => {
    note(c, tenants)
    return c.body(specText, 200, { "content-type": "application/json" })
  }

  return new Hono<AppEnv>()
    .get(balancePath, forBrowsersToo(answerBalance))
    .get(documentPath, forBrowsersToo(answerDocument))
}

/**
 * Answers what no route does: another method at a known path, or nothing known. As routes, the other methods would have
 * Hono compose handlers for every request to these paths.
 */
export const createNotFound = ({ tenants }: Core): Answering =>
  forBrowsersToo((c) => {
    note(c, tenants)
    const { method, path } = c.req
    if (!paths.has(path)) {
      return c.json(errorBody(404, `Nothing is at ${path}: the balance is at ${basePath}${balancePath}`), 404)
    }
    const allow = { allow: readMethods }
    if (method === "OPTIONS") return c.body(null, 204, allow)
    return c.json(errorBody(405, `${method} is not supported here, only ${readMethods}`), 405, allow)
  })
