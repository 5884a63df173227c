/** How often a call asks, and how long it waits before it asks again. Each `waits` is exact. */
import { answer, balance, failure, refusal } from "../replies.ts"
import type { Behaviour } from "../row.ts"
import { balanceAfter, row } from "../rows.ts"

const busy = refusal(503)

const counts: ReadonlyArray<Behaviour> = [
  ...[0, 1, 2, 3, 5, 10].map((maxRetries) =>
    row(`with ${maxRetries} retries a server that stays busy is asked ${maxRetries + 1} times`, [busy], {
      maxRetries,
      backoff: { base: 100, factor: 1 }
    }, {
      outcome: "PolloServerError",
      fields: { attempts: maxRetries + 1 },
      requests: maxRetries + 1,
      waits: [...Array.from({ length: maxRetries }, () => 100), 0]
    })
  ),
  row(
    "whatever the mix of failures, no more than four requests are sent",
    [
      busy,
      failure("ECONNRESET"),
      refusal(429, { "retry-after": "1" }),
      refusal(408),
      balance
    ],
    {},
    { outcome: "PolloApiError", fields: { attempts: 4, status: 408 }, requests: 4, waits: [250, 500, 1_000, 0] }
  ),
  row("the last retry may be the one that succeeds", [busy, busy, busy, balance], {}, balanceAfter(250, 500, 1_000, 0)),
  row("an error that is not retryable ends the call at once", [busy, refusal(401), balance], {}, {
    outcome: "PolloUnauthorized",
    fields: { attempts: 2 },
    requests: 2,
    waits: [250, 0]
  }),
  row("an answer that is no JSON ends the call: it is not retried", [answer(200, "<html>"), balance], {}, {
    outcome: "PolloInvalidResponse",
    fields: { reason: "NotJson", isRetryable: false, isTransient: true, attempts: 1 },
    requests: 1,
    waits: [0]
  })
]

const backoff: ReadonlyArray<Behaviour> = [
  row("waits double until they reach the longest", [busy], { maxRetries: 7, deadline: 3_600_000 }, {
    outcome: "PolloServerError",
    requests: 8,
    waits: [250, 500, 1_000, 2_000, 4_000, 8_000, 8_000, 0]
  }),
  {
    ...row("waits are lengthened by a quarter of themselves at most", [busy], {}, {
      outcome: "PolloServerError",
      requests: 4,
      waits: [312.5, 625, 1_250, 0]
    }),
    chance: 1
  },
  {
    ...row("the longest wait is lengthened too", [busy, balance], {
      backoff: { base: 9_000 },
      maxRetries: 1
    }, balanceAfter(10_000, 0)),
    chance: 1
  },
  {
    ...row(
      "without jitter a wait is exactly the backoff",
      [busy, balance],
      { backoff: { jitter: 0 } },
      balanceAfter(250, 0)
    ),
    chance: 1
  },
  row(
    "a factor of 3 triples each wait",
    [busy, busy, busy, balance],
    { backoff: { factor: 3 } },
    balanceAfter(250, 750, 2_250, 0)
  ),
  row(
    "a factor of 1 makes all waits equal",
    [busy, busy, busy, balance],
    { backoff: { factor: 1 } },
    balanceAfter(250, 250, 250, 0)
  ),
  row(
    "a base from the caller grows by the default factor",
    [busy, busy, balance],
    { backoff: { base: 40 } },
    balanceAfter(40, 80, 0)
  ),
  row("a longest wait below the base is the wait", [busy, balance], { backoff: { max: 100 } }, balanceAfter(100, 0)),
  row("a base of zero asks again at once", [busy, busy, balance], { backoff: { base: 0 } }, balanceAfter(0, 0, 0)),
  row("a factor beyond all numbers stops at the longest wait", [busy, busy, busy, balance], {
    backoff: { factor: 1e300 }
  }, balanceAfter(250, 8_000, 8_000, 0))
]

export const retries = { counts, backoff }
