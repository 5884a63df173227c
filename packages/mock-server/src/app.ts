import { Hono } from "hono"
import { adminPath } from "./admin/calls.ts"
import { basePath, createApi, createNotFound } from "./vendor/api.ts"
import type { App, AppEnv } from "./vendor/api.ts"
import { ownFailure, responseOf } from "./vendor/balance.ts"
import type { Core } from "./vendor/core.ts"

/** The admin API, loaded by the first request to it: most programs that use the server never send one. */
const lazyAdmin = (core: Core) => {
  let loading: Promise<App> | undefined
  return (): Promise<App> => loading ??= import("./admin/app.ts").then(({ createAdminApp }) => createAdminApp(core))
}

/** Everything the server answers, on any transport. */
export const createApp = (core: Core): App => {
  const admin = lazyAdmin(core)
  return new Hono<AppEnv>({ strict: false })
    .route(basePath, createApi(core))
    .all(`${adminPath}/*`, async (c) => (await admin()).fetch(c.req.raw, c.env))
    .notFound(createNotFound(core))
    .onError((error, c) => {
      c.env.path ??= c.req.path
      return responseOf(ownFailure(error))
    })
}
