import type { ContentfulStatusCode } from "hono/utils/http-status"
import { errorBody } from "../values/error-body.ts"
import { balanceAnswer, json, success } from "./step.ts"
import type { Answer, Step } from "./step.ts"

const proxyPage = `<!DOCTYPE html>
<html>
<head><title>502 Bad Gateway</title></head>
<body><h1>502 Bad Gateway</h1><p>The upstream server sent no valid answer.</p></body>
</html>
`

/** An origin that a client must not send its key to: this server by another name, or a name that leads nowhere. */
const otherOrigin = (url: string): string => {
  if (!URL.canParse(url)) return "http://elsewhere.invalid/" // A socket can carry a Host that is no part of a URL.
  const { hostname, port, pathname, protocol } = new URL(url)
  const names: Readonly<Record<string, string>> = { "localhost": "127.0.0.1", "127.0.0.1": "localhost" }
  return `${protocol}//${names[hostname] ?? "elsewhere.invalid"}${port === "" ? "" : `:${port}`}${pathname}`
}

const signInPage = `<!DOCTYPE html>
<html>
<head><title>Sign in</title></head>
<body><h1>Sign in to use this network</h1></body>
</html>
`

const challengePage = `<!DOCTYPE html>
<html lang="en-US">
<head><title>Just a moment...</title></head>
<body><h1>Checking your browser</h1><noscript>Enable JavaScript and cookies to continue</noscript></body>
</html>
`

const page = (status: ContentfulStatusCode, body: string, headers: Record<string, string> = {}): Answer => ({
  status,
  headers: { "content-type": "text/html; charset=utf-8", ...headers },
  body
})

/** What Cloudflare says when the server behind it fails. No standard knows these statuses. */
const originFailures: Readonly<Record<number, string>> = {
  520: "the web server returned an unknown error",
  521: "the web server is down",
  522: "the connection timed out",
  523: "the origin is unreachable",
  524: "a timeout occurred",
  525: "the SSL handshake failed",
  526: "the SSL certificate is invalid",
  527: "the listener failed to reach the origin",
  528: "the origin failed",
  529: "the site is overloaded",
  530: "the origin has no DNS record"
}

const originSteps = Object.entries(originFailures).map(([code, reason]): Step => {
  const status = Number(code) as ContentfulStatusCode // Hono's type leaves out the statuses that no standard assigns.
  const body = `<!DOCTYPE html>
<html>
<head><title>${code}: ${reason}</title></head>
<body><h1>Error ${code}</h1><p>Cloudflare says that ${reason}.</p></body>
</html>
`
  return {
    name: code,
    summary: `${code} with an HTML page of the CDN in front of the API: ${reason}`,
    conforms: false,
    answer: () => page(status, body, { server: "cloudflare" })
  }
})

const asJson = (body: string): Answer => ({ status: 200, headers: { "content-type": "application/json" }, body })

/** Answers that arrive whole and that the vendor's document does not describe. */
export const bodySteps: ReadonlyArray<Step> = [
  {
    name: "cloudflare",
    summary: "403 with the challenge page of the CDN in front of the API, and `cf-mitigated: challenge`",
    conforms: false,
    answer: () => page(403, challengePage, { "cf-mitigated": "challenge", server: "cloudflare" })
  },
  {
    name: "502",
    summary: "502 with an HTML page, as a proxy in front of the API sends it",
    conforms: false,
    answer: () => page(502, proxyPage)
  },
  ...originSteps,
  {
    name: "not_json",
    summary: "200 with a body that says it is JSON and is not",
    conforms: false,
    answer: () => asJson("Credits: one thousand")
  },
  {
    name: "wrong_type",
    summary: "200 with `availableCredits` as a string",
    conforms: false,
    answer: (context) =>
      success(context, { ...context.balance, availableCredits: String(context.balance.availableCredits) })
  },
  {
    name: "missing_field",
    summary: "200 without `totalCredits`",
    conforms: false,
    answer: (context) => success(context, { availableCredits: context.balance.availableCredits })
  },
  {
    name: "error_body",
    summary: "200 whose body is the vendor's error body, with the code `UNAUTHORIZED`",
    conforms: false,
    answer: () => json(200, errorBody(401, "The API key is not valid"))
  },
  { name: "empty_body", summary: "200 with no body at all", conforms: false, answer: () => asJson("") },
  {
    name: "no_content",
    aliases: ["204"],
    summary: "204, which has no body",
    conforms: false,
    answer: () => ({ status: 204, headers: {}, body: null })
  },
  {
    name: "wrong_content_type",
    summary: "200, the balance as `text/plain`",
    conforms: false,
    answer: (context) => ({ ...balanceAnswer(context), headers: { "content-type": "text/plain; charset=utf-8" } })
  },
  {
    name: "html",
    summary: "200 with an HTML page, as the sign-in page of a network sends it",
    conforms: false,
    answer: () => page(200, signInPage)
  },
  {
    name: "redirect",
    aliases: ["302"],
    summary: "302 to another origin, where no key must go",
    conforms: false,
    answer: ({ url }) => ({ status: 302, headers: { location: otherOrigin(url) }, body: null })
  }
]
