import type { ContentfulStatusCode } from "hono/utils/http-status"
import { codeOf, errorBody } from "../values/error-body.ts"
import type { ErrorBody, ErrorStatus } from "../values/error-body.ts"
import { retryAfterForms, retryAfterHeaders } from "../values/retry-after.ts"
import type { RetryAfterForm } from "../values/retry-after.ts"
import { numbered } from "./numbered.ts"
import { json } from "./step.ts"
import type { Step, StepContext, StepFamily } from "./step.ts"

interface StatusStep {
  readonly status: ErrorStatus
  /** The step's name, where it is not the status itself. The status is then an alias. */
  readonly name?: string
  /** The name of a step beside that of the status, which is then no alias. */
  readonly step?: string
  readonly message: string
  /** What the summary says beside the status and the code. */
  readonly note?: string
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
  {
    status: 401,
    name: "unauthorized",
    message: "The API key is not valid",
    note: "as for a key that is missing or malformed"
  },
  { status: 402, message: "A payment is required" },
  { status: 403, name: "forbidden", message: "The API key may not read the credit balance" },
  {
    status: 403,
    step: "not_enough_credits",
    message: "Not enough credits",
    note: "as generation calls have it when the credits are gone"
  },
  { status: 404, name: "not_found", message: "Not found" },
  { status: 404, step: "unknown_key", message: "The API key is not known", note: "as for a key that does not exist" },
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

const secondsOf = ({ settings }: StepContext): number => settings.retryAfterSeconds

const toStep = ({ status, name, step, message, note, issues, retryAfter }: StatusStep): Step => {
  const body = errorBody(status, message, issues)
  const extras = [...(issues ? ["`issues`"] : []), ...(retryAfter ? ["`Retry-After`"] : [])]
  return {
    name: step ?? name ?? String(status),
    ...(name === undefined ? {} : { aliases: [String(status)] }),
    summary: `${status} \`${body.code}\`${extras.length > 0 ? ` with ${extras.join(" and ")}` : ""}` +
      (note === undefined ? "" : `, ${note}`),
    conforms: true,
    answer: retryAfter
      ? (context) => json(status, body, retryAfterHeaders("seconds", secondsOf(context) * 1000, context.now))
      : () => json(status, body)
  }
}

/**
 * The error statuses of tRPC's table, each with the vendor's error body. 502 is a proxy's, so it is no part of these.
 */
export const statusSteps: ReadonlyArray<Step> = statuses.map(toStep)

/** Seconds are left out, because a name gives them as a number. */
const oddForms = retryAfterForms.filter((form) => form !== "seconds")

const written = new RegExp(`^(.+)_(\\d{1,9}|${oddForms.join("|")})$`)

const isOddForm = (name: string): name is RetryAfterForm => oddForms.some((form) => form === name)

/** The statuses that ask for a wait, with every `Retry-After` that a client must survive. */
export const retryAfterFamilies: ReadonlyArray<StepFamily> = statuses.filter(({ retryAfter }) => retryAfter).map(
  ({ message, name, status }) => {
    const names = [...(name === undefined ? [] : [name]), String(status)]
    const summary = `${status} with that \`Retry-After\`: so many seconds, or ${
      oddForms.map((form) => `\`${form}\``).join(", ")
    }`
    return {
      forms: names.map((each) => `${each}_<retry-after>`),
      summary,
      conforms: true,
      parse: (asked) => {
        const [, base = "", wait = ""] = written.exec(asked) ?? []
        if (!names.includes(base)) return undefined
        return {
          name: asked,
          summary,
          conforms: true,
          answer: (context) =>
            json(
              status,
              errorBody(status, message),
              isOddForm(wait)
                ? retryAfterHeaders(wait, secondsOf(context) * 1000, context.now)
                : { "retry-after": String(Number(wait)) }
            )
        }
      }
    }
  }
)

/** Hono's type leaves out the statuses that no standard assigns; all of these have a body. */
const isErrorStatus = (status: number): status is ContentfulStatusCode => status >= 400 && status <= 599

/** Any other error status, also one that no standard knows. */
export const statusFamily: StepFamily = numbered(["status_<n>"], {
  summary: "that status, from 400 to 599, with the vendor's error body",
  conforms: true,
  trouble: (status = 0) => {
    if (!isErrorStatus(status)) return undefined
    const body: ErrorBody = { message: `The key asks for status ${status}`, code: codeOf(status) }
    return { answer: () => json(status, body) }
  }
})
