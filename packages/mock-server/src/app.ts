import { Hono } from "hono"
import { basePath, createApi } from "./api.ts"
import type { AppEnv } from "./api.ts"
import { errorBody } from "./error-body.ts"
import type { Settings } from "./settings.ts"
import type { Tenants } from "./tenants.ts"

export type App = Hono<AppEnv>

/** Everything the server answers, on any transport. */
export const createApp = (tenants: Tenants, settings: Settings): App =>
  new Hono<AppEnv>({ strict: false })
    .route(basePath, createApi(tenants, settings))
    .notFound((c) =>
      c.json(errorBody(404, `Nothing is at ${c.req.path}: the balance is at ${basePath}/credit/balance`), 404)
    )
    .onError((error, c) => c.json(errorBody(500, `The mock server itself failed: ${error.message}`), 500))
