/** A policy put around one call: field by field, the inner one first, then the outer one, then the client's. */
import { balance, refusal, silence } from "../replies.ts"
import type { Behaviour, Policy, Reply, Wants } from "../row.ts"

const busy = refusal(503)

const row = (
  name: string,
  replies: ReadonlyArray<Reply>,
  policy: Policy,
  overrides: ReadonlyArray<Policy>,
  wants: Wants
): Behaviour => ({ name, replies, policy, overrides, wants })

const gaveUp = (...waits: ReadonlyArray<number>): Wants => ({
  outcome: "PolloServerError",
  fields: { attempts: waits.length },
  requests: waits.length,
  waits
})

const timedOut = (timeout: number, ...waits: ReadonlyArray<number>): Wants => ({
  outcome: "PolloTimeout",
  fields: { timeout, attempts: waits.length },
  requests: waits.length,
  waits
})

export const overrides: ReadonlyArray<Behaviour> = [
  row("an override without a field changes nothing", [busy], { maxRetries: 1 }, [{}], gaveUp(250, 0)),
  row("an override without retries sends one request", [busy], {}, [{ maxRetries: 0 }], gaveUp(0)),
  row(
    "an override may allow more than the client",
    [busy],
    { maxRetries: 0 },
    [{ maxRetries: 2 }],
    gaveUp(250, 500, 0)
  ),
  row(
    "an override keeps the client's other fields",
    [busy],
    { backoff: { base: 40 } },
    [{ maxRetries: 1 }],
    gaveUp(40, 0)
  ),
  row("an override of a part of the backoff keeps the rest", [busy, busy, balance], {
    backoff: { base: 40, factor: 1 }
  }, [
    { backoff: { factor: 3 } }
  ], { outcome: "Balance", requests: 3, waits: [40, 120, 0] }),
  row(
    "an override of the attempt's timeout is the timeout",
    [silence],
    { maxRetries: 0 },
    [{ attemptTimeout: 100 }],
    timedOut(100, 100)
  ),
  row("an override of the deadline is the deadline", [silence], {}, [{ deadline: 100 }], timedOut(100, 100)),
  row("an override of maxRetryAfter is the limit", [refusal(429, { "retry-after": "2" })], {}, [{
    maxRetryAfter: 1_999
  }], {
    outcome: "PolloRateLimited",
    fields: { retryAfter: 2_000 },
    requests: 1,
    waits: [0]
  }),
  row("of two overrides the inner one wins", [silence], { maxRetries: 0 }, [
    { attemptTimeout: 1_000 },
    { attemptTimeout: 9_000 }
  ], timedOut(1_000, 1_000)),
  row("a field that only the outer override has counts too", [silence], {}, [
    { attemptTimeout: 1_000 },
    { attemptTimeout: 9_000, maxRetries: 0 }
  ], timedOut(1_000, 1_000)),
  row("of three overrides each sets the fields that the inner ones leave out", [busy], {}, [
    { maxRetries: 2 },
    { maxRetries: 0, backoff: { base: 10 } },
    { backoff: { base: 99, factor: 5 } }
  ], gaveUp(10, 50, 0)),
  row("two overrides may each have a part of the backoff", [busy], { maxRetries: 2 }, [
    { backoff: { base: 100 } },
    { backoff: { factor: 1 } }
  ], gaveUp(100, 100, 0))
]
