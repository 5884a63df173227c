import type { ContentfulStatusCode, StatusCode } from "hono/utils/http-status"
import type { Balance } from "../values/ledger.ts"
import type { Random } from "../values/random.ts"
import type { Profile, Settings } from "../settings/options.ts"
import type { Fault } from "../faults/fault.ts"

/** A whole HTTP answer, as plain data. */
export type Answer =
  & { readonly headers: Record<string, string> }
  & (
    | { readonly status: ContentfulStatusCode; readonly body: string }
    | { readonly status: StatusCode; readonly body: null }
  )

/** What an answer may depend on. */
export interface StepContext {
  /** The step's own figures, or the balance of the tenant that asks. */
  readonly balance: Balance
  /** The time on the tenant's clock. */
  readonly now: number
  readonly settings: Settings
  /** Whether a success is flat or in an envelope. */
  readonly profile: Profile
  /** The tenant's own sequence. */
  readonly random: Random
  /** The address that the request was sent to. */
  readonly url: string
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
  /**
   * A balance to report in place of the tenant's. A key whose whole plan is this one step opens its account with it
   * instead, so that what is spent of it counts.
   */
  readonly figures?: Balance
  /** Milliseconds on the tenant's clock before the answer, or before its fault. */
  readonly delay?: (context: StepContext) => number
  /** What happens to the answer on its way; without one it arrives whole. */
  readonly fault?: Fault
}

/** Steps that differ only in numbers, which their names hold. */
export interface StepFamily {
  /** How their names are written, such as `delay_<ms>`. */
  readonly forms: ReadonlyArray<string>
  readonly summary: string
  readonly conforms: boolean
  /** The step of that lower-case name, or `undefined` for any other name, and for a number that makes no sense. */
  readonly parse: (name: string) => Step | undefined
}

export const json = (status: ContentfulStatusCode, body: unknown, headers: Record<string, string> = {}): Answer => ({
  status,
  headers: { "content-type": "application/json", ...headers },
  body: JSON.stringify(body)
})

/** The envelope that the live server puts around a success. The vendor's page shows the success without it. */
export const envelope = (data: unknown) => ({ code: "SUCCESS", message: "success", data })

/** A success with that body, or that `data`, as the profile has it. */
export const success = ({ profile }: StepContext, data: unknown): Answer =>
  json(200, profile === "live" ? envelope(data) : data)

export const balanceAnswer = (context: StepContext): Answer => {
  const { availableCredits, totalCredits } = context.balance
  return success(context, { availableCredits, totalCredits })
}
