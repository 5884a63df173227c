import type { JournalEntry } from "./journal.ts"

/** What the requests of a client are expected to be. What is not named is not looked at. */
export interface Expectations {
  /** How many requests: exactly so many, or within bounds. */
  readonly attempts?: number | { readonly min?: number | undefined; readonly max?: number | undefined } | undefined
  /** The statuses that were answered, in order; `null` where none went out. */
  readonly statuses?: ReadonlyArray<number | null> | undefined
  /** That every request waited at least as long as the `Retry-After` before it said, and that there was one. */
  readonly waitedRetryAfter?: true | undefined
  /** That no request came after an answer with any of these statuses. */
  readonly neverRetried?: ReadonlyArray<number> | undefined
  /** Bounds on the milliseconds from the end of each request to the arrival of the next. */
  readonly waits?: { readonly min?: number | undefined; readonly max?: number | undefined } | undefined
  /** That no two were open at once. */
  readonly noOverlap?: true | undefined
  /** That every request but the first came on a connection that had served one before. */
  readonly reusedConnection?: true | undefined
}

/** Whether it is so. The message says, in a paragraph, what was expected and what came. */
export interface Verification {
  readonly pass: boolean
  readonly message: string
}

const within = (count: number, expected: NonNullable<Expectations["attempts"]>): boolean =>
  typeof expected === "number"
    ? count === expected
    : count >= (expected.min ?? 0) && count <= (expected.max ?? Infinity)

/** Compares the requests of one key, in the order in which they arrived, with what was expected of its client. */
export const verifyRequests = (requests: ReadonlyArray<JournalEntry>, { attempts }: Expectations): Verification => {
  if (attempts !== undefined && !within(requests.length, attempts)) {
    return { pass: false, message: `Expected ${JSON.stringify(attempts)} requests, but ${requests.length} came.` }
  }
  return { pass: true, message: `${requests.length} requests came, as expected.` }
}
