import { json } from "./step.ts"
import type { Answer, Step } from "./step.ts"

const proxyPage = `<!DOCTYPE html>
<html>
<head><title>502 Bad Gateway</title></head>
<body><h1>502 Bad Gateway</h1><p>The upstream server sent no valid answer.</p></body>
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
  { name: "empty_body", summary: "200 with no body at all", conforms: false, answer: () => asJson("") }
]
