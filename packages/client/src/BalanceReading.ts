/**
 * Readings of the balance as a cache returns them. `BalanceCache` exports these types again in its namespace.
 *
 * @since 0.1.0
 */
import type * as DateTime from "effect/DateTime"
import type { CreditBalance } from "./CreditBalance.ts"
import type { PolloError } from "./PolloError.ts"

/**
 * A reading within its time to live.
 *
 * @category models
 * @since 0.1.0
 */
export interface Fresh {
  /** The balance that was read. */
  readonly balance: CreditBalance
  /** When the response was complete, by the wall clock. */
  readonly observedAt: DateTime.Utc
  /** The reading is within its time to live. */
  readonly stale: false
}

/**
 * The last reading, past its time to live: a new one could not be read.
 *
 * @category models
 * @since 0.1.0
 */
export interface Stale {
  /** The balance that was read. */
  readonly balance: CreditBalance
  /** When the response was complete, by the wall clock. */
  readonly observedAt: DateTime.Utc
  /** The reading is past its time to live. */
  readonly stale: true
  /**
   * Why there is no new reading. With `attempts: 0` no request was sent for this answer, because the vendor failed a
   * short time ago. `retryAfter` is then the time until the vendor is asked again.
   */
  readonly error: PolloError
}

/**
 * What a cache returns.
 *
 * @category models
 * @since 0.1.0
 */
export type Reading = Fresh | Stale
