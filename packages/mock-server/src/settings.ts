import { InvalidOptionError } from "./errors.ts"
import type { Balance } from "./ledger.ts"

/** Options of {@link createMockServer}. Every one has a default. */
export interface MockServerOptions {
  /**
   * The balance that each new key starts with; `totalCredits` defaults to `availableCredits`.
   *
   * @default { availableCredits: 1000, totalCredits: 1000 }
   */
  readonly balance?: { readonly availableCredits: number; readonly totalCredits?: number | undefined } | undefined
  /**
   * The `Retry-After` of `rate_limited` and `503`, in whole seconds.
   *
   * @default 1
   */
  readonly retryAfterSeconds?: number | undefined
  /**
   * How long `slow` waits before it answers, in milliseconds.
   *
   * @default 1000
   */
  readonly slowMillis?: number | undefined
}

/** What the options came to. */
export interface Settings {
  readonly balance: Balance
  readonly retryAfterSeconds: number
  readonly slowMillis: number
}

/** The longest delay that a timer can hold: 2^31 - 1 milliseconds. */
const maxMillis = 2_147_483_647

const finite = (option: string, value: number): number => {
  if (Number.isFinite(value)) return value
  throw new InvalidOptionError(option, "a finite number", value)
}

const wholeUpTo = (max: number) => (option: string, value: number): number => {
  if (Number.isInteger(value) && value >= 0 && value <= max) return value
  throw new InvalidOptionError(option, `a whole number from 0 to ${max}`, value)
}

/** @throws InvalidOptionError naming the option that cannot be used */
export const resolveSettings = (options: MockServerOptions): Settings => {
  const availableCredits = finite("balance.availableCredits", options.balance?.availableCredits ?? 1000)
  return {
    balance: {
      availableCredits,
      totalCredits: finite("balance.totalCredits", options.balance?.totalCredits ?? availableCredits)
    },
    retryAfterSeconds: wholeUpTo(Number.MAX_SAFE_INTEGER)("retryAfterSeconds", options.retryAfterSeconds ?? 1),
    slowMillis: wholeUpTo(maxMillis)("slowMillis", options.slowMillis ?? 1000)
  }
}
