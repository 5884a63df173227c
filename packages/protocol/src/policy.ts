/** The retry policy, in milliseconds. */
export interface Policy {
  readonly attemptTimeout: number
  readonly deadline: number
  readonly maxRetries: number
  readonly backoff: Backoff
  readonly maxRetryAfter: number
}

export interface Backoff {
  readonly base: number
  readonly factor: number
  readonly max: number
  /** How much is added to each wait at random, at most, as a share of the wait. */
  readonly jitter: number
}

export const defaultPolicy: Policy = {
  attemptTimeout: 5_000,
  deadline: 30_000,
  maxRetries: 3,
  backoff: { base: 250, factor: 2, max: 8_000, jitter: 0.25 },
  maxRetryAfter: 20_000
}

/**
 * How long to wait for the body of an answer other than a 200: its status has decided the error, and the body only adds
 * a message.
 */
export const errorBodyMillis = 1_000

/**
 * Milliseconds before retry `number` (from 1), or `undefined` if the server asks for a longer wait than the policy
 * allows. `random` is from 0 to 1.
 */
export const waitBefore = (
  number: number,
  { backoff, maxRetryAfter }: Pick<Policy, "backoff" | "maxRetryAfter">,
  random: number,
  retryAfter: number | undefined
): number | undefined => {
  const { base, factor, jitter, max } = backoff
  // Zero times a power that has overflowed is NaN.
  const plain = base === 0 ? 0 : Math.min(base * factor ** (number - 1), max)
  const wait = plain * (1 + jitter * random)
  if (retryAfter === undefined) return wait
  return retryAfter > maxRetryAfter ? undefined : Math.max(retryAfter, wait)
}
