import { Hono } from "hono"
import type { AppEnv } from "../../vendor/api.ts"
import { allSteps } from "../../steps/table.ts"
import { html, icon, script, style } from "./assets.ts"

/** The page loads nothing from elsewhere, runs no code but its own, and never turns text into markup. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'"
].join("; ")

const headersOf = (type: string) => ({
  "content-type": type,
  "content-security-policy": contentSecurityPolicy,
  "cache-control": "no-store",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff"
})

const steps = allSteps.flatMap(({ aliases = [], name }) => [name].concat(aliases)).join(" ")

const files = [
  { path: "/", type: "text/html; charset=utf-8", text: html.replace("{steps}", steps) },
  { path: "/page.css", type: "text/css; charset=utf-8", text: style },
  { path: "/page.js", type: "text/javascript; charset=utf-8", text: script },
  { path: "/icon.svg", type: "image/svg+xml", text: icon }
]

/** Where the page is, below the admin path. */
export const pagePaths: ReadonlyArray<string> = files.map(({ path }) => path)

/**
 * The page that shows what the server is doing. There is no secret in it: what it shows comes from the calls it makes.
 */
export const createPage = (): Hono<AppEnv> => {
  const page = new Hono<AppEnv>({ strict: false })
  for (const { path, text, type } of files) page.get(path, (c) => c.body(text, 200, headersOf(type)))
  return page
}
