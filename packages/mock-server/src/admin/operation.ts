import * as v from "valibot"
import type { Core } from "../core.ts"
import { AdminError } from "../errors.ts"
import type { Tenant } from "../tenants.ts"
import type { Fields } from "./schemas.ts"

/** What a caller sent, of which nothing is known yet. */
export interface Input {
  readonly key?: string
  readonly query?: unknown
  readonly body?: unknown
}

/** One call of the admin API, however it is made. */
export interface Operation<Answer = unknown> {
  readonly id: string
  readonly method: "GET" | "PUT" | "POST" | "DELETE"
  /** Below the admin path, `{key}` and all. */
  readonly path: string
  readonly summary: string
  readonly query: Fields<unknown>
  readonly body: Fields<unknown>
  /** Whether the answer is a 409 when the state of the account is in the way. */
  readonly conflicts: boolean
  /** @throws AdminError */
  readonly perform: (core: Core, input: Input) => Answer
}

const given = (received: string | null | undefined): string =>
  received == null || received === "undefined" ? "" : `, not ${received.slice(0, 60)}`

/** One line for a person: the field, what is wrong with it, and what came. Keys are never repeated. */
const explain = (issue: v.BaseIssue<unknown>, whole: string, schema: Fields<unknown>): string => {
  const path = v.getDotPath(issue) ?? whole
  if (issue.type === "strict_object" && issue.expected === "never") {
    const known = Object.keys(schema.entries)
    return `${path}: is no field here${known.length > 0 ? `. Those are ${known.join(", ")}` : ""}`
  }
  if (issue.type === "strict_object" && issue.path !== undefined) return `${path}: is required`
  return `${path}: ${issue.message}${path === "key" ? "" : given(issue.received)}`
}

const parse = <Output>(schema: Fields<Output>, value: unknown, whole: string): Output => {
  const result = v.safeParse(schema, value)
  if (result.success) return result.output
  throw new AdminError(400, `The ${whole} cannot be used`, result.issues.map((issue) => explain(issue, whole, schema)))
}

/** What a header can carry: no other text is a key. */
const headerText = /^[!-~\u0080-\u00ff](?:[\t -~\u0080-\u00ff]*[!-~\u0080-\u00ff])?$/

/** The tenant of a key, or of the label that stands for one. */
export const tenantOf = ({ tenants }: Core, written: string): Tenant => {
  const labelled = tenants.labelled(written)
  if (labelled !== undefined) return labelled
  if (headerText.test(written)) return tenants.get(written)
  if (written.includes("…")) throw new AdminError(404, "No key has that label", ["key: is a label of no known key"])
  throw new AdminError(400, "The key cannot be used", ["key: must be a text that the x-api-key header can carry"])
}

interface Definition<Query, Body> extends Pick<Operation, "id" | "method" | "path" | "summary"> {
  readonly query: Fields<Query>
  readonly body: Fields<Body>
  readonly conflicts?: boolean
}

/** A call that is about no key, or names it in its query or body. */
export const operation = <Answer, Query, Body>(
  definition: Definition<Query, Body>,
  run: (core: Core, query: Query, body: Body) => Answer
): Operation<Answer> => ({
  conflicts: false,
  ...definition,
  perform: (core, input) => {
    const query = parse(definition.query, input.query ?? {}, "query")
    return run(core, query, parse(definition.body, input.body ?? {}, "body"))
  }
})

/** A call whose path names a key. */
export const keyOperation = <Answer, Query, Body>(
  definition: Definition<Query, Body>,
  run: (tenant: Tenant, body: Body, core: Core, key: string) => Answer
): Operation<Answer> => ({
  conflicts: false,
  ...definition,
  perform: (core, input) => {
    const key = input.key ?? ""
    const tenant = tenantOf(core, key)
    parse(definition.query, input.query ?? {}, "query")
    return run(tenant, parse(definition.body, input.body ?? {}, "body"), core, key)
  }
})
