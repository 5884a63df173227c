import document from "../../spec/openapi.json" with { type: "json" }
import { Hono } from "hono"
import type { Context } from "hono"
import { cors } from "hono/cors"
import { answerBalance } from "./balance.ts"
import { isLoopback } from "../settings/listen-options.ts"
import type { Core } from "./core.ts"
import { errorBody } from "../values/error-body.ts"
import type { Exchange } from "./exchange.ts"
import type { Tenant, Tenants } from "../tenant/tenants.ts"

/** The vendor's OpenAPI document, as the server sends it. */
const specText = JSON.stringify(document)

/** Where the API lives under the server's url, as in the vendor's `servers`. */
export const basePath = "/api/platform"

export type AppEnv = { Bindings: Exchange }

/** Everything the server answers, on any transport. */
export type App = Hono<AppEnv>

/** Whether a page comes from this machine. */
const isLocalOrigin = (origin: string): boolean =>
  isLoopback(/^https?:\/\/(\[[^\]]*\]|[^:/]*)(?::\d+)?$/.exec(origin)?.[1] ?? "")

const localCors = cors({
  origin: (origin) => (isLocalOrigin(origin) ? origin : null),
  allowMethods: ["GET", "HEAD"],
  exposeHeaders: ["Retry-After"],
  maxAge: 600
})

type Answering = (c: Context<AppEnv>) => Response | Promise<Response>

/** Only browsers send `Origin`. Every other client skips the CORS middleware, which takes as long as the answer. */
const forBrowsersToo = (answering: Answering): Answering => (c) => {
  if (c.req.header("origin") === undefined) return answering(c)
  const withCors = async (): Promise<Response> => {
    const preflight = await localCors(c, async () => {
      c.res = await answering(c)
    })
    return preflight ?? c.res
  }
  return withCors()
}

export const balancePath = "/credit/balance"
const documentPath = "/api/openapi.json"
const paths: ReadonlySet<string> = new Set([basePath + balancePath, basePath + documentPath])
export const readMethods = "GET, HEAD, OPTIONS"

/** Notes for the journal whose request it is and where it went. */
export const note = (c: Context<AppEnv>, tenants: Tenants): Tenant | undefined => {
  const key = c.req.header("x-api-key")
  c.env.path = c.req.path
  return key === undefined || key === "" ? undefined : (c.env.tenant = tenants.get(key))
}

/** The vendor's API. Paths are relative to {@link basePath}. */
export const createApi = (core: Core) => {
  const balance: Answering = (c) => {
    const tenant = note(c, core.tenants)
    if (tenant === undefined) {
      return c.json(errorBody(401, "No API key: send one in the x-api-key header"), 401)
    }
    const { body, headers, status } = answerBalance(core, tenant, c.env, c.req.url)
    return body === null ? c.body(null, status, headers) : c.body(body, status, headers)
  }

  const spec: Answering = (c) => {
    note(c, core.tenants)
    return c.body(specText, 200, { "content-type": "application/json" })
  }

  return new Hono<AppEnv>()
    .get(balancePath, forBrowsersToo(balance))
    .get(documentPath, forBrowsersToo(spec))
}

/**
 * Answers requests that match no route: another method at a known path, or an unknown path. If the other methods were
 * routes, Hono would compose handlers for every request to these paths.
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
