import { toJsonSchema, toJsonSchemaDefs } from "@valibot/to-json-schema"
import type { ConversionConfig, JsonSchema } from "@valibot/to-json-schema"
import type { GenericSchema } from "valibot"
import { adminPath } from "./calls.ts"
import { version } from "../values/version.ts"
import { account, clock, plan, request } from "./answers.ts"
import type { Operation } from "./operation.ts"
import type { Fields } from "./schemas.ts"

const definitions = { Account: account, Clock: clock, Plan: plan, Request: request }

const conversion: ConversionConfig = {
  target: "draft-2020-12",
  definitions,
  // JSON Schema cannot express these checks, so a description says what they require.
  ignoreActions: ["check"],
  overrideRef: ({ referenceId }) => `#/components/schemas/${referenceId}`
}

const schemaOf = (schema: GenericSchema): JsonSchema => {
  const { $defs: _defs, $schema: _schema, ...rest } = toJsonSchema(schema, conversion)
  return rest
}

const asJson = (schema: JsonSchema) => ({ "application/json": { schema } })

const error: JsonSchema = {
  type: "object",
  properties: {
    message: { type: "string" },
    code: { type: "string" },
    issues: {
      type: "array",
      description: "Each begins with the field it is about.",
      items: {
        type: "object",
        properties: { message: { type: "string" } },
        required: ["message"],
        additionalProperties: false
      }
    }
  },
  required: ["message", "code"],
  additionalProperties: false
}

const isRequired = (schema: GenericSchema): boolean => schema.type !== "optional"

const parametersOf = (path: string, { entries }: Fields<unknown>) => [
  ...(path.includes("{key}")
    ? [{
      name: "key",
      in: "path",
      required: true,
      description: "The key, percent-encoded, or the label that stands for it.",
      schema: { type: "string" }
    }]
    : []),
  ...Object.entries(entries).map(([name, schema]) => ({
    name,
    in: "query",
    required: isRequired(schema),
    schema: schemaOf(schema)
  }))
]

interface Answered {
  readonly description: string
  readonly content?: ReturnType<typeof asJson>
}

const refused = (description: string): Answered => ({
  description,
  content: asJson({ $ref: "#/components/schemas/Error" })
})

const responsesOf = ({ answer, conflicts }: Operation): Readonly<Record<string, Answered>> => ({
  ...(answer === undefined
    ? { 204: { description: "Done" } }
    : { 200: { description: "Done", content: asJson(schemaOf(answer)) } }),
  ...(conflicts ? { 409: refused("The account does not allow it, and has not changed") } : {}),
  default: refused("It cannot be done, and nothing has changed")
})

const pathItem = (operation: Operation) => ({
  operationId: operation.id,
  summary: operation.summary,
  parameters: parametersOf(operation.path, operation.query),
  ...(Object.keys(operation.body.entries).length > 0
    ? {
      requestBody: {
        required: Object.values(operation.body.entries).some(isRequired),
        content: asJson(schemaOf(operation.body))
      }
    }
    : {}),
  responses: responsesOf(operation)
})

/** The calls at each path. Node 20 has no `Map.groupBy`. */
export const groupByPath = <A extends { readonly path: string }>(all: ReadonlyArray<A>): Map<string, Array<A>> => {
  const groups = new Map<string, Array<A>>()
  for (const each of all) {
    const group = groups.get(each.path)
    if (group === undefined) groups.set(each.path, [each])
    else group.push(each)
  }
  return groups
}

/** The OpenAPI document of the admin API, made of the very schemas that check what comes in. */
export const adminDocument = (operations: ReadonlyArray<Operation>) => ({
  openapi: "3.1.0",
  info: {
    title: "pollo-mock: admin API",
    version,
    description: "Sets what each key gets, and asks what it did. Durations are milliseconds. For this machine alone."
  },
  servers: [{ url: adminPath }],
  security: [{}, { token: [] }],
  paths: Object.fromEntries(
    [...groupByPath(operations)].map(([path, here]) => [
      path,
      Object.fromEntries(here.map((operation) => [operation.method.toLowerCase(), pathItem(operation)]))
    ])
  ),
  components: {
    schemas: { ...toJsonSchemaDefs(definitions, conversion), Error: error },
    securitySchemes: { token: { type: "http", scheme: "bearer", description: "Only where one was set." } }
  }
})

export type AdminDocument = ReturnType<typeof adminDocument>
