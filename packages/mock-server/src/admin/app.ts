import { Hono } from "hono"
import type { Context } from "hono"
import { adminPath } from "./calls.ts"
import type { AppEnv } from "../vendor/api.ts"
import type { Core } from "../vendor/core.ts"
import { errorBody } from "../values/error-body.ts"
import { AdminError } from "../values/errors.ts"
import { refuseForeign, requireToken } from "./access.ts"
import { readJson } from "./body.ts"
import { docsPage } from "./docs.ts"
import { eventStream } from "./events.ts"
import { adminDocument, groupByPath } from "./openapi.ts"
import type { Operation } from "./operation.ts"
import { operations } from "./operations.ts"
import { createPage, pagePaths } from "./page/page.ts"

const calls: ReadonlyArray<Operation> = Object.values(operations)

/** An answer tells the state of one moment, so a cache must not keep it. */
const fresh = { "cache-control": "no-store" }

/** In a query everything is text, and `limit` is a number. */
const queryOf = (c: Context<AppEnv>): unknown => {
  const { limit, ...others } = c.req.query()
  return limit === undefined ? others : { ...others, limit: /^\d{1,9}$/.test(limit) ? Number(limit) : limit }
}

const answer = async (core: Core, { method, perform }: Operation, c: Context<AppEnv>): Promise<Response> => {
  const body = method === "PUT" || method === "POST" ? await readJson(c.req.raw) : undefined
  const result = perform(core, { key: c.req.param("key") ?? "", query: queryOf(c), body })
  return result === undefined ? c.body(null, 204, fresh) : c.json(result, 200, fresh)
}

/**
 * Answers any other method at a known path with the methods that are allowed. Without CORS headers, a page of another
 * origin cannot read the answer.
 */
const refuseMethod = (methods: ReadonlyArray<string>) => {
  const allow = [...(methods.includes("GET") ? ["GET", "HEAD"] : []), ...methods.filter((method) => method !== "GET")]
    .concat("OPTIONS").join(", ")
  return (c: Context<AppEnv>) =>
    c.req.method === "OPTIONS"
      ? c.body(null, 204, { allow })
      : c.json(errorBody(405, `${c.req.method} is not supported here, only ${allow}`), 405, { allow })
}

/** The admin API over HTTP: for this machine's developer alone. */
export const createAdminApp = (core: Core): Hono<AppEnv> => {
  const { adminToken } = core
  const document = adminDocument(calls)
  const app = new Hono<AppEnv>({ strict: false })
    .basePath(adminPath)
    .use(refuseForeign(adminToken))
    .get("/openapi.json", (c) => c.json(document))
    .get("/docs", (c) => c.html(docsPage(document)))
    .route("/", createPage())
    .use(requireToken(adminToken))
    .get("/events", (c) => eventStream(core, c))
  const byPath = [...groupByPath(calls)].map(([path, here]) => ({ path: path.replace("{key}", ":key"), here }))
  for (const { here, path } of byPath) {
    for (const call of here) app.on(call.method, path, (c) => answer(core, call, c))
  }
  for (const { here, path } of byPath) app.all(path, refuseMethod(here.map(({ method }) => method)))
  for (const path of ["/openapi.json", "/docs", "/events", ...pagePaths]) app.all(path, refuseMethod(["GET"]))
  return app
    .notFound((c) =>
      c.json(errorBody(404, `Nothing is at ${c.req.path}: see ${adminPath}/docs for what there is`), 404)
    )
    .onError((error, c) =>
      error instanceof AdminError
        ? c.json(error.body, error.status, fresh)
        : c.json(errorBody(500, `The mock server itself failed: ${error.message}`), 500)
    )
}
