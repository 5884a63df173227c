import * as bodies from "../faults/body-faults.ts"
import * as connections from "../faults/connection-faults.ts"
import type { Fault } from "../faults/fault.ts"
import { numbered } from "./numbered.ts"
import { balanceAnswer } from "./step.ts"
import type { Step, StepFamily } from "./step.ts"

const faulty = (name: string, aliases: ReadonlyArray<string>, summary: string, fault: Fault): Step => ({
  name,
  aliases,
  summary,
  conforms: false,
  answer: balanceAnswer,
  fault
})

/**
 * The balance, with trouble on the way. Where WireMock or Toxiproxy has a name for it, the step goes by that one too.
 */
export const faultSteps: ReadonlyArray<Step> = [
  faulty("hang", ["timeout"], "nothing at all, until the client gives up", connections.hang),
  faulty("hang_after_headers", [], "200 whose body never comes", bodies.hangAfterHeaders),
  {
    ...faulty("dribble", ["slicer"], "the balance in 5 pieces over a second", bodies.dribble(5, 1000)),
    conforms: true
  },
  faulty("truncated", ["limit_data"], "200 whose connection ends in the middle of the body", bodies.truncated()),
  faulty("oversized", [], "200, the balance in a body of 16 MiB", bodies.oversized(16 * 1024 * 1024)),
  {
    ...faulty("bad_gzip", [], "200 that says its body is gzip, which it is not", bodies.badGzip),
    answer: (context) => {
      const plain = balanceAnswer(context)
      return { ...plain, headers: { ...plain.headers, "content-encoding": "gzip" } }
    }
  },
  faulty("malformed_response_chunk", [], "200, then bytes that are no chunk of a body", bodies.malformedChunk),
  faulty(
    "reset",
    ["connection_reset_by_peer", "reset_peer"],
    "a TCP reset instead of an answer (needs a socket)",
    connections.reset
  ),
  faulty(
    "empty_response",
    [],
    "the connection closes without an answer (needs a socket)",
    connections.emptyResponse
  ),
  faulty(
    "random_data_then_close",
    [],
    "bytes that are no HTTP, then the connection closes (needs a socket)",
    connections.randomData
  )
]

/** The same troubles, measured out in the name. */
export const faultFamilies: ReadonlyArray<StepFamily> = [
  numbered(["dribble_<pieces>_<ms>"], {
    summary: "the balance in so many pieces, evenly over the time",
    conforms: true,
    trouble: (pieces = 0, millis = 0) => pieces === 0 ? undefined : { fault: bodies.dribble(pieces, millis) }
  }),
  numbered(["truncated_<bytes>", "limit_data_<bytes>"], {
    summary: "200 whose connection ends after so many bytes of the body",
    conforms: false,
    trouble: (bytes) => ({ fault: bodies.truncated(bytes) })
  }),
  numbered(["oversized_<bytes>"], {
    summary: "200, the balance in a body of at least so many bytes",
    conforms: false,
    trouble: (bytes = 0) => ({ fault: bodies.oversized(bytes) })
  })
]
