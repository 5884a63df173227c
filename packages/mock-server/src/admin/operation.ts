import * as v from "valibot"
import type { Core } from "../vendor/core.ts"
import { AdminError } from "../values/errors.ts"
import type { Tenant } from "../tenant/tenants.ts"
import { adminCalls } from "./calls.ts"
import type { CallName } from "./admin-calls.ts"
import type { Call } from "./calls.ts"
import { cannotBeUsed } from "./refuse.ts"
import type { Fields } from "./schemas.ts"

/** What a caller sent, not yet checked. */
export interface Input {
  readonly key?: unknown
  readonly query?: unknown
  readonly body?: unknown
}

/** One call of the admin API, however it is made. */
export interface Operation<Answer = unknown> extends Call {
  readonly id: CallName
  readonly query: Fields<unknown>
  readonly body: Fields<unknown>
  /** The schema of the answer; without one, the answer is an empty 204. */
  readonly answer?: v.GenericSchema
  /** Whether the answer is a 409 when the state of the account is in the way. */
  readonly conflicts: boolean
  /** @throws AdminError */
  readonly perform: (core: Core, input: Input) => Answer
}

/** One line for a person: the field, what is wrong with it, and what came. Keys are never repeated. */
const explain = (issue: v.BaseIssue<unknown>): string => {
  const path = v.getDotPath(issue) ?? ""
  if (issue.type === "strict_object" && issue.expected === "never") return `${path}: is no field here`
  if (issue.type === "strict_object") return `${path}: is required`
  const isSaid = path !== "key" && issue.received !== "undefined" && !issue.type.endsWith("_length")
  return `${path}: ${issue.message}${isSaid ? `, not ${issue.received.slice(0, 60)}` : ""}`
}

const shownName = (name: string): string => (/^\w{1,60}$/.test(name) ? name : JSON.stringify(name.slice(0, 60)))

const parse = <Output>(schema: Fields<Output>, value: unknown, whole: string): Output => {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw cannotBeUsed(whole, [`${whole}: must be a JSON object`])
  }
  const known = Object.keys(schema.entries)
  // Looked for here as well, because the library takes inherited names such as `toString` for known fields.
  const strange = Object.keys(value).filter((name) => !Object.hasOwn(schema.entries, name))
  const result = v.safeParse(schema, value, { abortPipeEarly: true })
  if (result.success && strange.length === 0) return result.output
  throw cannotBeUsed(whole, [
    ...strange.map((name) =>
      `${shownName(name)}: is no field here${known.length > 0 ? `. Those are ${known.join(", ")}` : ""}`
    ),
    ...(result.issues ?? []).filter(({ expected, path = [], type }) =>
      !(type === "strict_object" && expected === "never" && path.length === 1)
    ).map(explain)
  ])
}

/**
 * The characters that every client sends as the same bytes in a header. Beyond ASCII some clients send Latin-1 and
 * others UTF-8, so a call of the admin API could mean another key than the client does.
 */
const headerText = /^[!-~](?:[\t -~]*[!-~])?$/

/** Whether this is a label and not a key: no header can hold `…`, so no key has it. */
export const isLabel = (written: string): boolean => written.includes("…")

/** The tenant of a key, or of the label that stands for one. */
export const tenantOf = ({ tenants }: Core, written: string): Tenant => {
  const labelled = tenants.labelled(written)
  if (labelled !== undefined) return labelled
  if (headerText.test(written)) return tenants.get(written)
  if (isLabel(written)) throw new AdminError(404, "No key has that label", ["key: is the label of no known key"])
  throw cannotBeUsed("key", [
    "key: must be visible ASCII; the label stands for any other key"
  ])
}

interface Definition<Query, Body, Answer> {
  readonly query: Fields<Query>
  readonly body: Fields<Body>
  readonly answer?: v.GenericSchema<unknown, Answer>
  readonly conflicts?: boolean
}

/** A call without a key in its path. Its query or body may name one. */
export const operation = <Answer, Query, Body>(
  id: CallName,
  definition: Definition<Query, Body, Answer>,
  run: (core: Core, query: Query, body: Body) => Answer
): Operation<Answer> => ({
  ...adminCalls[id],
  id,
  conflicts: false,
  ...definition,
  perform: (core, input) => {
    const query = parse(definition.query, input.query === undefined ? {} : input.query, "query")
    return run(core, query, parse(definition.body, input.body === undefined ? {} : input.body, "body"))
  }
})

/** A call whose path names a key. */
export const keyOperation = <Answer, Query, Body>(
  id: CallName,
  definition: Definition<Query, Body, Answer>,
  run: (tenant: Tenant, body: Body, core: Core, key: string) => Answer
): Operation<Answer> => ({
  ...adminCalls[id],
  id,
  conflicts: false,
  ...definition,
  perform: (core, input) => {
    const key = typeof input.key === "string" ? input.key : ""
    const tenant = tenantOf(core, key)
    parse(definition.query, input.query === undefined ? {} : input.query, "query")
    return run(tenant, parse(definition.body, input.body === undefined ? {} : input.body, "body"), core, key)
  }
})
