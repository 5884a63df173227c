/** When an attempt ends, and when a call does. Each `waits` is exact: the clock stands still between two events. */
import { after, answer, balance, inPieces, refusal, silence } from "../replies.ts"
import type { Behaviour } from "../row.ts"
import { balanceAfter, row } from "../rows.ts"

const busy = refusal(503)

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

export const timeouts = { attempts, deadlines }
