import type { MiddlewareHandler } from "hono/types"
import type { AppEnv } from "../vendor/api.ts"
import { errorBody } from "../values/error-body.ts"
import { isLoopback } from "../settings/listen-options.ts"

const hostWithPort = /^(\[[^\]]*\]|[^:]*)(?::\d*)?$/

const isLocalHost = (host: string): boolean => isLoopback(hostWithPort.exec(host)?.[1] ?? "")

/** Whether a page has the host and port that its request goes to. The scheme is not compared: a proxy may change it. */
const isOwnOrigin = (origin: string, host: string): boolean => {
  const [, authority] = /^https?:\/\/([^/]*)$/.exec(origin) ?? []
  return authority?.toLowerCase() === host.toLowerCase()
}

/** Compares two tokens. Every wrong token of the same length takes equally long, so the time reveals nothing. */
const isSame = (given: string, expected: string): boolean => {
  let difference = given.length ^ expected.length
  for (let at = 0; at < given.length; at++) {
    difference |= given.charCodeAt(at) ^ expected.charCodeAt(at % expected.length)
  }
  return difference === 0
}

/**
 * Refuses pages of another origin. Without a token, also refuses a `Host` other than this machine's own names: if a
 * foreign page's name pointed to 127.0.0.1, the browser would take this server for that page's own. With a token every
 * host name is accepted, because the caller must know the token.
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

/** Requires `Authorization: Bearer <token>`, if a token is set. */
export const requireToken = (adminToken: string | undefined): MiddlewareHandler<AppEnv> => async (c, next) => {
  const [, given = ""] = /^Bearer +(.+)$/i.exec(c.req.header("authorization") ?? "") ?? []
  if (adminToken === undefined || isSame(given, adminToken)) return next()
  return c.json(errorBody(401, "The admin API wants its token: send Authorization: Bearer <token>"), 401, {
    "www-authenticate": "Bearer"
  })
}
