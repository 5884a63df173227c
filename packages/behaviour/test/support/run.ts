/** Runs a row through the client that is written by hand. */
import { inspect } from "node:util"
import { type Observed, type Row, scriptedFetch } from "../../src/index.ts"
import { call, CallFailed, type Mistake } from "./handWritten.ts"
import { ManualClock } from "./manualClock.ts"

const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve))
}

/** What came of a call: the value or the error, and when. */
interface Ended {
  readonly value: unknown
  readonly at: number
}

export const run = async (row: Row, mistake?: Mistake): Promise<Observed> => {
  const clock = new ManualClock()
  const { fetch, open, requests } = scriptedFetch(row.replies, clock)
  const around = { fetch, clock, random: () => row.chance ?? 0 }
  const state: { ended?: Ended } = {}
  const end = (value: unknown) => void (state.ended = { value, at: clock.now() })
  void call(row, mistake, around).then(end, end)
  do await settle()
  while (state.ended === undefined && clock.next())
  const { at, value } = state.ended ?? { at: Infinity, value: new Error("it never ends") }
  const fields = value instanceof CallFailed ? value.fields : value instanceof Error ? {} : { ...Object(value) }
  const outcome = String(fields["_tag"] ?? value)
  const printed = inspect(value, { depth: null })
  return { outcome, fields, requests, endedAt: at, printed, survivesJson: true, open: open() }
}
