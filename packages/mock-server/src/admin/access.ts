import type { MiddlewareHandler } from "hono/types"
import type { AppEnv } from "../vendor/api.ts"
import { errorBody } from "../values/error-body.ts"
import { isLoopback } from "../settings/listen-options.ts"

const hostWithPort = /^(\[[^\]]*\]|[^:]*)(?::\d*)?$/

const isLocalHost = (host: string): boolean => isLoopback(hostWithPort.exec(host)?.[1] ?? "")

/** Whether a page came from where its request goes. Behind a proxy the scheme may differ. */
const isOwnOrigin = (origin: string, host: string): boolean => {
  const [, authority] = /^https?:\/\/([^/]*)$/.exec(origin) ?? []
  return authority?.toLowerCase() === host.toLowerCase()
}

/** Takes as long for every wrong token of the same length. */
const isSame = (given: string, expected: string): boolean => {
  let difference = given.length ^ expected.length
  for (let at = 0; at < given.length; at++) {
    difference |= given.charCodeAt(at) ^ expected.charCodeAt(at % expected.length)
  }
  return difference === 0
}

/**
 * Keeps out every page but the server's own, and names of this machine that are not its own: a name that a page has
 * bound to 127.0.0.1 would make the browser take this server for the page's. With a token neither name nor page is
 * enough.
 */
export const refuseForeign = (adminToken: string | undefined): MiddlewareHandler<AppEnv> => async (c, next) => {
  const host = c.req.header("host")
  const origin = c.req.header("origin")
  const reason = !c.env.adminIsOn
    ? "The admin API is off on an address that other machines can reach. An admin token switches it on"
    : origin !== undefined && !isOwnOrigin(origin, host ?? new URL(c.req.url).host)
    ? "The admin API is not for pages of another origin"
    : host !== undefined && adminToken === undefined && !isLocalHost(host)
    ? "The admin API answers to localhost, 127.0.0.1 and [::1] only, not to another Host"
    : undefined
  return reason === undefined ? next() : c.json(errorBody(403, reason), 403)
}

/** Wants `Authorization: Bearer <token>`, when there is a token. */
export const requireToken = (adminToken: string | undefined): MiddlewareHandler<AppEnv> => async (c, next) => {
  const [, given = ""] = /^Bearer +(.+)$/i.exec(c.req.header("authorization") ?? "") ?? []
  if (adminToken === undefined || isSame(given, adminToken)) return next()
  return c.json(errorBody(401, "The admin API wants its token: send Authorization: Bearer <token>"), 401, {
    "www-authenticate": "Bearer"
  })
}
