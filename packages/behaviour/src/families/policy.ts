/** When a call asks again, and when it ends. Each `waits` is exact: the clock stands still between two events. */
import { after, answer, balance, failure, inPieces, refusal, silence } from "../replies.ts"
import type { Behaviour, Policy, Reply, Wants } from "../row.ts"

const busy = refusal(503)

const row = (name: string, replies: ReadonlyArray<Reply>, policy: Policy, wants: Wants): Behaviour => ({
  name,
  replies,
  policy,
  wants
})

const balanceAfter = (...waits: ReadonlyArray<number>): Wants => ({ outcome: "Balance", requests: waits.length, waits })

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

const attempts: ReadonlyArray<Behaviour> = [
  row("a server that says nothing is given up after 5 seconds", [silence], { maxRetries: 0 }, {
    outcome: "PolloTimeout",
    fields: { phase: "attempt", timeout: 5_000, attempts: 1, isRetryable: true, isTransient: true },
    requests: 1,
    waits: [5_000]
  }),
  row(
    "a 200 whose body never comes is given up after 5 seconds",
    [
      { ...answer(200, { pieces: [], end: "silence" }), step: "hang_after_headers" }
    ],
    { maxRetries: 0 },
    {
      outcome: "PolloTimeout",
      fields: { phase: "attempt", timeout: 5_000 },
      requests: 1,
      waits: [5_000]
    }
  ),
  row(
    "a 200 whose body never ends is given up after 5 seconds",
    [
      answer(200, { pieces: [{ text: "{" }], end: "silence" })
    ],
    { maxRetries: 0 },
    { outcome: "PolloTimeout", fields: { phase: "attempt" }, requests: 1, waits: [5_000] }
  ),
  row(
    "a body that comes in small pieces is given up 5 seconds after the request",
    [
      answer(200, inPieces(...Array.from({ length: 60 }, () => ({ text: " ", after: 1_000 }))))
    ],
    { maxRetries: 0 },
    { outcome: "PolloTimeout", fields: { phase: "attempt" }, requests: 1, waits: [5_000] }
  ),
  row(
    "a head that comes late leaves the rest of the 5 seconds for its body",
    [
      after(3_000, answer(200, { pieces: [{ text: "{" }], end: "silence" }))
    ],
    { maxRetries: 0 },
    { outcome: "PolloTimeout", fields: { phase: "attempt" }, requests: 1, waits: [5_000] }
  ),
  row("a head that comes just in time is a balance", [after(4_999, balance)], {}, balanceAfter(4_999)),
  row(
    "a body in small pieces that ends in time is a balance",
    [
      answer(
        200,
        inPieces({ text: "{\"availableCredits\":1,", after: 2_000 }, { text: "\"totalCredits\":2}", after: 2_000 })
      )
    ],
    {},
    balanceAfter(4_000)
  ),
  row("a silent attempt is followed by another", [silence, balance], {}, balanceAfter(5_250, 0)),
  row(
    "an endless body is followed by another attempt",
    [
      answer(200, { pieces: [{ text: "{" }], end: "silence" }),
      balance
    ],
    {},
    balanceAfter(5_250, 0)
  ),
  row("a timeout from the caller is the limit", [silence], { attemptTimeout: 100, maxRetries: 1 }, {
    outcome: "PolloTimeout",
    fields: { phase: "attempt", timeout: 100, attempts: 2 },
    requests: 2,
    waits: [350, 100]
  }),
  row("a timeout below a millisecond lasts one millisecond", [silence], { attemptTimeout: 0.5, maxRetries: 0 }, {
    outcome: "PolloTimeout",
    fields: { phase: "attempt", timeout: 0.5 },
    requests: 1,
    waits: [0.5]
  })
]

const deadlines: ReadonlyArray<Behaviour> = [
  row("a server that stays silent ends the call when no wait fits into the 30 seconds any more", [silence], {
    maxRetries: 9
  }, {
    outcome: "PolloTimeout",
    fields: { phase: "attempt", timeout: 5_000, attempts: 5 },
    requests: 5,
    waits: [5_250, 5_500, 6_000, 7_000, 5_000]
  }),
  row("a server that stays silent ends the call at 30 seconds where attempts are as long", [silence], {
    attemptTimeout: 30_000
  }, {
    outcome: "PolloTimeout",
    fields: { phase: "deadline", timeout: 30_000, attempts: 1, isRetryable: false, isTransient: true },
    requests: 1,
    waits: [30_000]
  }),
  row("a deadline ends an attempt that is under way", [silence], { attemptTimeout: 8_000, deadline: 10_000 }, {
    outcome: "PolloTimeout",
    fields: { phase: "deadline", timeout: 10_000, attempts: 2 },
    requests: 2,
    waits: [8_250, 1_750]
  }),
  row(
    "a deadline ends a body that is under way",
    [
      answer(200, { pieces: [{ text: "{" }], end: "silence" })
    ],
    { deadline: 3_000 },
    {
      outcome: "PolloTimeout",
      fields: { phase: "deadline", timeout: 3_000, attempts: 1 },
      requests: 1,
      waits: [3_000]
    }
  ),
  row("a deadline as long as the attempt is the deadline", [silence], { attemptTimeout: 2_000, deadline: 2_000 }, {
    outcome: "PolloTimeout",
    fields: { phase: "deadline", timeout: 2_000, attempts: 1 },
    requests: 1,
    waits: [2_000]
  }),
  row("a wait that does not fit before the deadline is not begun", [busy], { deadline: 700 }, {
    outcome: "PolloServerError",
    fields: { attempts: 2 },
    requests: 2,
    waits: [250, 0]
  }),
  row("a wait as long as what is left is not begun", [busy], { deadline: 750 }, {
    outcome: "PolloServerError",
    fields: { attempts: 2 },
    requests: 2,
    waits: [250, 0]
  }),
  row(
    "a wait that just fits is followed by a last attempt",
    [busy, busy, balance],
    { deadline: 751 },
    balanceAfter(250, 500, 0)
  ),
  row("a last attempt has what is left of the deadline", [busy, silence], { deadline: 1_000 }, {
    outcome: "PolloTimeout",
    fields: { phase: "deadline", timeout: 1_000, attempts: 2 },
    requests: 2,
    waits: [250, 750]
  }),
  row("without an end to deadline and timeout a late answer is waited for", [after(3_600_000, balance)], {
    attemptTimeout: Infinity,
    deadline: Infinity
  }, balanceAfter(3_600_000)),
  row(
    "without an end to the deadline the attempt keeps its own",
    [silence, balance],
    { deadline: Infinity },
    balanceAfter(5_250, 0)
  )
]

export const policy = { counts, backoff, attempts, deadlines }
