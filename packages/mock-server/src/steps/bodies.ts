import { errorBody } from "../values/error-body.ts"
import { balanceAnswer, json } from "./step.ts"
import type { Answer, Step } from "./step.ts"

const proxyPage = `<!DOCTYPE html>
<html>
<head><title>502 Bad Gateway</title></head>
<body><h1>502 Bad Gateway</h1><p>The upstream server sent no valid answer.</p></body>
</html>
`

/** Where a client must not take its key: the same server by another name, or a name that leads nowhere. */
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

const asJson = (body: string): Answer => ({ status: 200, headers: { "content-type": "application/json" }, body })

/** Answers that arrive whole and that the vendor's document does not describe. */
export const bodySteps: ReadonlyArray<Step> = [
  {
    name: "502",
    summary: "502 with an HTML page, as a proxy in front of the API sends it",
    conforms: false,
    answer: () => ({ status: 502, headers: { "content-type": "text/html; charset=utf-8" }, body: proxyPage })
  },
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
    answer: ({ balance }) => json(200, { ...balance, availableCredits: String(balance.availableCredits) })
  },
  {
    name: "missing_field",
    summary: "200 without `totalCredits`",
    conforms: false,
    answer: ({ balance }) => json(200, { availableCredits: balance.availableCredits })
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
    answer: () => ({ status: 200, headers: { "content-type": "text/html; charset=utf-8" }, body: signInPage })
  },
  {
    name: "redirect",
    aliases: ["302"],
    summary: "302 to another origin, where no key must go",
    conforms: false,
    answer: ({ url }) => ({ status: 302, headers: { location: otherOrigin(url) }, body: null })
  }
]
