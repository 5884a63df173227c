/** Faults on the wire, as the mock server makes them. The client sees them as errors of its transport. */
import {
  after,
  answer,
  balance,
  beginsAndBreaks,
  beginsAndIsSilent,
  failure,
  inPieces,
  refusal,
  reset,
  silence,
  stepped
} from "../replies.ts"
import type { Behaviour, Failure, Policy, Reply, Wants } from "../row.ts"

const text = "{\"availableCredits\":1000,\"totalCredits\":1000}"

const quick: Policy = { maxRetries: 0, attemptTimeout: 1_000 }

const late = (name: string, reply: Reply, wait = 1_000): Behaviour => ({
  name,
  replies: [reply],
  policy: quick,
  wants: {
    outcome: "PolloTimeout",
    fields: { phase: "attempt", timeout: 1_000, isTransient: true },
    requests: 1,
    waits: [wait]
  }
})

const failing = (step: string, code: string): Failure => ({ ...failure(code), step })

const broken: ReadonlyArray<readonly [what: string, reply: Reply]> = [
  ["a connection that is reset", reset],
  ["a connection that closes without an answer", failing("empty_response", "UND_ERR_SOCKET")],
  ["an answer that is no HTTP", failing("random_data_then_close", "HPE_INVALID_CONSTANT")],
  ["a body that is no chunk", stepped("malformed_response_chunk", answer(200, beginsAndBreaks("")))],
  ["a body that is cut off", stepped("truncated", answer(200, beginsAndBreaks(text.slice(0, 22))))],
  ["a body that is cut off before it begins", stepped("truncated_0", answer(200, beginsAndBreaks("")))]
]

const lost: Wants = {
  outcome: "PolloTransportError",
  fields: { attempts: 1, isRetryable: true, isTransient: true },
  requests: 1,
  waits: [0]
}

const drops = (count: number, millis: number) =>
  inPieces(...Array.from({ length: count }, (_, n) => ({
    text: text.slice(Math.floor((n * text.length) / count), Math.floor(((n + 1) * text.length) / count)),
    after: millis / count
  })))

export const faults: ReadonlyArray<Behaviour> = [
  ...broken.flatMap(([what, reply]): ReadonlyArray<Behaviour> => [
    { name: `${what} is a transport error`, replies: [reply], policy: { maxRetries: 0 }, wants: lost },
    {
      name: `${what} is followed by another attempt`,
      replies: [reply, balance],
      wants: { outcome: "Balance", requests: 2, waits: [250, 0] }
    }
  ]),
  {
    name: "a body without an end is not read beyond its limit",
    replies: [stepped("oversized", answer(200, { pieces: [{ text: " ".repeat(70_000) }], end: "silence" }))],
    wants: { outcome: "PolloInvalidResponse", fields: { reason: "TooLarge" }, requests: 1, waits: [0] }
  },
  late("a silent server is given up at the caller's timeout", silence),
  late("a head without a body is given up at the caller's timeout", {
    ...answer(200, { pieces: [], end: "silence" }),
    step: "hang_after_headers"
  }),
  late("a body that stops is given up at the caller's timeout", answer(200, beginsAndIsSilent("{"))),
  late("an answer after a minute is given up at the caller's timeout", {
    ...after(60_000, balance),
    step: "delay_60000"
  }),
  late(
    "a body in pieces over a minute is given up at the caller's timeout",
    stepped("dribble_5_60000", answer(200, drops(5, 60_000)))
  ),
  {
    name: "a body in pieces over 50 ms is a balance",
    replies: [stepped("dribble_5_50", answer(200, drops(5, 50)))],
    wants: { outcome: "Balance", requests: 1, waits: [50] }
  },
  {
    name: "an answer after 50 ms is a balance",
    replies: [{ ...after(50, balance), step: "delay_50" }],
    wants: { outcome: "Balance", requests: 1, waits: [50] }
  },
  {
    name: "a silent attempt of a second is followed by another",
    replies: [silence, balance],
    policy: { attemptTimeout: 1_000 },
    wants: { outcome: "Balance", requests: 2, waits: [1_250, 0] }
  },
  {
    name: "a deadline of 1,900 ms ends a silent call in its second attempt",
    replies: [silence],
    policy: { attemptTimeout: 1_000, deadline: 1_900, backoff: { base: 50 } },
    wants: {
      outcome: "PolloTimeout",
      fields: { phase: "deadline", timeout: 1_900, attempts: 2 },
      requests: 2,
      waits: [1_050, 850]
    }
  },
  {
    name: "after a reset, a busy server and a silent one comes a balance",
    replies: [reset, refusal(503), silence, balance],
    policy: { attemptTimeout: 1_000, backoff: { base: 20 } },
    wants: { outcome: "Balance", requests: 4, waits: [20, 40, 1_080, 0] }
  }
]
