import { Hono } from "hono"
import { adminPath } from "../admin-path.ts"
import type { AppEnv } from "../api.ts"
import type { Core } from "../core.ts"
import { errorBody } from "../error-body.ts"
import { AdminError } from "../errors.ts"
import { operations } from "./operations.ts"

/** The admin API over HTTP. */
export const createAdminApp = (core: Core): Hono<AppEnv> => {
  const app = new Hono<AppEnv>({ strict: false }).basePath(adminPath)
  for (const operation of Object.values(operations)) {
    app.on(operation.method, operation.path.replace("{key}", ":key"), async (c) => {
      const text = await c.req.text()
      const answer: unknown = operation.perform(core, {
        key: c.req.param("key") ?? "",
        query: c.req.query(),
        ...(text === "" ? {} : { body: JSON.parse(text) })
      })
      return answer === undefined ? c.body(null, 204) : c.json(answer)
    })
  }
  return app
    .notFound((c) => c.json(errorBody(404, `Nothing is at ${c.req.path}`), 404))
    .onError((error, c) => {
      if (error instanceof AdminError) return c.json(error.body, error.status)
      return c.json(errorBody(500, `The mock server itself failed: ${error.message}`), 500)
    })
}
