import { errorBody } from "../error-body.ts"
import type { ErrorStatus } from "../error-body.ts"
import { json } from "./step.ts"
import type { Step, StepContext } from "./step.ts"

interface StatusStep {
  readonly status: ErrorStatus
  /** The step's name, where it is not the status itself. The status is then an alias. */
  readonly name?: string
  readonly message: string
  readonly issues?: ReadonlyArray<string>
  readonly retryAfter?: boolean
}

const statuses: ReadonlyArray<StatusStep> = [
  {
    status: 400,
    name: "bad_request",
    message: "Input validation failed",
    issues: ["Unexpected query parameter", "Unexpected request body"]
  },
  { status: 401, name: "unauthorized", message: "The API key is not valid" },
  { status: 402, message: "A payment is required" },
  { status: 403, name: "forbidden", message: "The API key may not read the credit balance" },
  { status: 404, name: "not_found", message: "Not found" },
  { status: 408, message: "The request took too long to arrive" },
  { status: 409, message: "The request conflicts with another one" },
  { status: 412, message: "A precondition failed" },
  { status: 413, message: "The request is too large" },
  { status: 415, message: "The media type is not supported" },
  { status: 422, message: "The input cannot be processed", issues: ["Unexpected query parameter"] },
  { status: 428, message: "A precondition is required" },
  { status: 429, name: "rate_limited", message: "Too many requests", retryAfter: true },
  { status: 500, message: "Internal server error" },
  { status: 501, message: "Not implemented" },
  { status: 503, message: "The service is not available", retryAfter: true },
  { status: 504, message: "The upstream server did not answer in time" }
]

const toStep = ({ status, name, message, issues, retryAfter }: StatusStep): Step => {
  const body = errorBody(status, message, issues)
  const extras = [...(issues ? ["`issues`"] : []), ...(retryAfter ? ["`Retry-After`"] : [])]
  return {
    name: name ?? String(status),
    ...(name === undefined ? {} : { aliases: [String(status)] }),
    summary: `${status} \`${body.code}\`${extras.length > 0 ? ` with ${extras.join(" and ")}` : ""}`,
    conforms: true,
    answer: retryAfter
      ? ({ settings }: StepContext) => json(status, body, { "retry-after": String(settings.retryAfterSeconds) })
      : () => json(status, body)
  }
}

/** The error statuses of tRPC's table, each with the vendor's error body. 502 is a proxy's, so it is no part of these. */
export const statusSteps: ReadonlyArray<Step> = statuses.map(toStep)
