import type { RetryAfterForm } from "./retry-after.ts"

/** A token bucket, and how the answers say when to come back. */
export interface Limit {
  /** Requests that can come at once, at least 1. */
  readonly capacity: number
  /** Requests a second that it lets through in the long run; 0 never lets another one through. */
  readonly refillPerSecond: number
  readonly retryAfter: RetryAfterForm
}

/** Sums of fractions drift by less than this. */
const drift = 1e-9

/** The limiter of one key. Every `now` is the time on the key's clock. */
export class TokenBucket {
  readonly limit: Limit
  #tokens: number
  #countedAt: number

  constructor(limit: Limit, now: number) {
    this.limit = limit
    this.#tokens = limit.capacity
    this.#countedAt = now
  }

  /** Tokens there are now, fractions and all. */
  tokens(now: number): number {
    if (now > this.#countedAt) {
      const refilled = this.#tokens + (now - this.#countedAt) * this.limit.refillPerSecond / 1000
      this.#tokens = Math.min(this.limit.capacity, refilled)
      this.#countedAt = now
    }
    return this.#tokens
  }

  /** Takes a token, and returns 0; or takes nothing, and returns the milliseconds until there is one. */
  take(now: number): number {
    const tokens = this.tokens(now)
    if (tokens >= 1 - drift) {
      this.#tokens = Math.max(0, tokens - 1)
      return 0
    }
    return (1 - tokens) / this.limit.refillPerSecond * 1000
  }
}
