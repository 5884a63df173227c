import type { JsonSchema } from "@valibot/to-json-schema"
import { html } from "hono/html"
import { adminPath } from "./calls.ts"
import type { AdminDocument } from "./openapi.ts"

type Definition = JsonSchema | boolean

const bounds = ({ exclusiveMinimum, maximum, minimum }: JsonSchema): string =>
  [
    ...(minimum === undefined ? [] : [`from ${minimum}`]),
    ...(exclusiveMinimum === undefined ? [] : [`above ${exclusiveMinimum}`]),
    ...(maximum === undefined ? [] : [`to ${maximum}`])
  ].join(" ")

const remarks = (schema: Definition): string => {
  if (typeof schema === "boolean") return ""
  const said = [bounds(schema), schema.description ?? ""].filter((remark) => remark !== "").join(". ")
  return said === "" ? "" : `  // ${said}`
}

/** A schema as a type, with what it says beside it. */
const shapeOf = (schema: Definition | ReadonlyArray<Definition> | undefined, indent = ""): string => {
  if (schema === undefined || typeof schema === "boolean") return "anything"
  if ("map" in schema) return schema.map((item) => shapeOf(item, indent)).join(", ")
  const { $ref, anyOf, const: only, enum: choices, items, properties, required = [], type } = schema
  if ($ref !== undefined) return $ref.slice($ref.lastIndexOf("/") + 1)
  if (anyOf !== undefined) return anyOf.map((option) => shapeOf(option, indent)).join(" | ")
  if (only !== undefined) return JSON.stringify(only)
  if (choices !== undefined) return choices.map((choice) => JSON.stringify(choice)).join(" | ")
  if (items !== undefined) return `[${shapeOf(items, indent)}, …]`
  if (properties === undefined) return String(type ?? "anything")
  const lines = Object.entries(properties).map(([name, field]) =>
    `${indent}  ${name}${required.includes(name) ? "" : "?"}: ${shapeOf(field, `${indent}  `)}${remarks(field)}\n`
  )
  return lines.length === 0 ? "{}" : `{\n${lines.join("")}${indent}}`
}

const style = `
  :root {
    color-scheme: light dark;
    font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
    background: light-dark(#f5f6f6, #121415);
    color: light-dark(#1b1f21, #e8ebec);
  }
  a { color: light-dark(#0b6e75, #4fc1ca) }
  h1 { font-size: 1.4rem; letter-spacing: -.01em }
  body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
  summary { cursor: pointer; padding: .4rem 0 }
  summary span { opacity: .8 }
  code, pre { font: .875rem/1.45 ui-monospace, monospace }
  summary code { font-weight: 600 }
  pre { background: light-dark(#ffffff, #1a1d1f); border-radius: 6px; overflow-x: auto; padding: .75rem; border: 1px solid color-mix(in srgb, currentColor 25%, transparent) }
  details { border-top: 1px solid color-mix(in srgb, currentColor 25%, transparent) }
`

const shown = (title: string, shape: string) => html`<h3>${title}</h3><pre tabindex="0">${shape}</pre>`

const part = (name: string, parameters: ReadonlyArray<{ readonly in: string; readonly name: string }>) =>
  parameters.filter((parameter) => parameter.in === name).map((parameter) => parameter.name)

const call = (method: string, path: string, item: AdminDocument["paths"][string][string]) => {
  const queries = part("query", item.parameters)
  const query = queries.length === 0 ? "" : `?${queries.map((name) => `${name}=`).join("&")}`
  const body = item.requestBody?.content["application/json"].schema
  const answer = item.responses["200"]?.content?.["application/json"].schema
  return html`<details id="${item.operationId}">
    <summary><code>${method.toUpperCase()} ${adminPath}${path}${query}</code> <span>${item.summary}</span></summary>
    ${body === undefined ? "" : shown("Body", shapeOf(body))}
    ${answer === undefined ? shown("Answer", "204, nothing") : shown("Answer", shapeOf(answer))}
  </details>`
}

/** The document as an HTML page that loads nothing else. */
export const docsPage = ({ components, info, paths }: AdminDocument) =>
  html`<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width">
  <title>${info.title}</title>
  <style>${style}</style>
</head>
<body>
  <main>
  <h1>${info.title} ${info.version}</h1>
  <p>${info.description} As OpenAPI: <a href="${adminPath}/openapi.json"><code>${adminPath}/openapi.json</code></a>.</p>
  <p>What cannot be done is answered with <code>Error</code>, and changes nothing.</p>
    ${
    Object.entries(paths).flatMap(([path, item]) =>
      Object.entries(item).map(([method, operation]) => call(method, path, operation))
    )
  }
  <h2>Types</h2>
  ${Object.entries(components.schemas).map(([name, schema]) => shown(name, shapeOf(schema)))}
  </main>
</body>
</html>`
