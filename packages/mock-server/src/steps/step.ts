import type { ContentfulStatusCode } from "hono/utils/http-status"
import type { Balance } from "../ledger.ts"
import type { Settings } from "../settings.ts"
import type { WireFaultName } from "../wire/faults.ts"

/** A whole HTTP answer, as plain data. */
export interface Answer {
  readonly status: ContentfulStatusCode
  readonly headers: Record<string, string>
  readonly body: string
}

/** What an answer may depend on. */
export interface StepContext {
  /** The balance of the tenant that asks. */
  readonly balance: Balance
  readonly settings: Settings
}

/** One thing that the balance endpoint can do with a request. */
export interface Step {
  /** As written in a key: lower case, without a dot, `_then_`, or a trailing `_x<n>`. */
  readonly name: string
  /** Other names that mean the same. */
  readonly aliases?: ReadonlyArray<string>
  /** One line for people: what a client sees. */
  readonly summary: string
  /** Whether a client gets a whole answer that the vendor's OpenAPI document describes. */
  readonly conforms: boolean
  readonly answer: (context: StepContext) => Answer
  /** Milliseconds on the tenant's clock before the answer, or before its fault. */
  readonly delay?: (context: StepContext) => number
  /** What happens to the answer on its way; without one it arrives whole. */
  readonly fault?: WireFaultName
}

export const json = (status: ContentfulStatusCode, body: unknown, headers: Record<string, string> = {}): Answer => ({
  status,
  headers: { "content-type": "application/json", ...headers },
  body: JSON.stringify(body)
})

export const balanceAnswer = ({ balance }: StepContext): Answer =>
  json(200, { availableCredits: balance.availableCredits, totalCredits: balance.totalCredits })
