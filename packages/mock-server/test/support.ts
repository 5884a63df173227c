import { Ajv } from "ajv"
import { allSteps } from "../src/steps/table.ts"
import spec from "../spec/openapi.json" with { type: "json" }

export const balanceUrl = "http://mock/api/platform/credit/balance"

const ajv = new Ajv({ strict: true })

/** Whether a value is what the vendor's own document says a balance, or an error, looks like. */
export const isBalance = ajv.compile(
  spec.paths["/credit/balance"].get.responses["200"].content["application/json"].schema
)
export const isError = ajv.compile(spec.components.responses.error.content["application/json"].schema)

export const request = (key?: string, init: RequestInit = {}): Request =>
  new Request(balanceUrl, { ...init, headers: { ...init.headers, ...(key === undefined ? {} : { "x-api-key": key }) } })

export interface Seen {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

export const read = async (response: Response): Promise<Seen> => ({
  status: response.status,
  headers: response.headers,
  text: await response.text()
})

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Whether the vendor's document describes this answer: status, media type and body. */
export const conforms = ({ headers, status, text }: Seen): boolean =>
  headers.get("content-type") === "application/json" && (status === 200 ? isBalance : isError)(parsed(text))

/** Every name a key can use, with the step it stands for. */
export const namedSteps = allSteps.flatMap((step) =>
  [step.name, ...(step.aliases ?? [])].map((name) => ({ name, step }))
)
