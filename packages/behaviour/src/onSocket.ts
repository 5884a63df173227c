/** The rows that a socket can show: the mock server answers, and its journal says what was asked. */
import { type Complaint, judgeOutcome, type Observed } from "./judge.ts"
import type { Row } from "./row.ts"
import { table } from "./table.ts"

const longestMillis = 1_500

/** Rows with a shorter timeout are left out, because a busy machine may need longer to send the request. */
const leastTimeoutMillis = 1_000

const stepsOf = ({ replies }: Row): ReadonlyArray<string> =>
  replies.flatMap((reply) => reply.step === undefined || "redirected" in reply ? [] : [reply.step])

const isShown = (row: Row): boolean => {
  const { chance, environment, options: { apiKey, baseUrl } = {}, overrides = [], policy = {}, replies, wants } = row
  const millis = (wants.waits ?? []).reduce((sum, wait) => sum + wait, 0)
  const timeouts = [policy, ...overrides].flatMap(({ attemptTimeout = 5_000, deadline = 30_000 }) => [
    attemptTimeout,
    deadline
  ])
  return replies.length === stepsOf(row).length && wants.requests > 0 && millis <= longestMillis &&
    Math.min(...timeouts) >= leastTimeoutMillis && chance === undefined && environment === undefined &&
    apiKey === undefined && baseUrl === undefined
}

/** Rows whose every reply is a step of the mock server, and which are over soon. */
export const onSocket: ReadonlyArray<Row> = table.filter(isShown)

/** The key of a row for the mock server. `who` is the client. */
export const keyOnSocket = (row: Row, who: string): string =>
  `mock_${stepsOf(row).join("_then_")}.${who}-${onSocket.indexOf(row)}`

/** Timers and both compared times count in whole milliseconds, so they differ by a few. */
const toleranceMillis = 3

/** What is seen of a row over a socket. Moments are milliseconds since 1970. */
export interface SeenOnSocket extends Pick<Observed, "outcome" | "fields" | "printed" | "survivesJson" | "endedAt"> {
  readonly startedAt: number
  /** When each request came to the server. */
  readonly arrivals: ReadonlyArray<number>
}

/** A machine may be late, so over a socket a wait only has a lower bound. */
export const judgeOnSocket = (row: Row, seen: SeenOnSocket): ReadonlyArray<Complaint> => {
  const { arrivals, endedAt, startedAt } = seen
  const waits = row.wants.waits ?? []
  const least = waits.reduce((sum, wait) => sum + wait, 0)
  const moments = [...arrivals, endedAt]
  const tooEarly = waits.flatMap((wait, index) => {
    const waited = (moments[index + 1] ?? Infinity) - (moments[index] ?? 0)
    return answersAtOnce(row, index) && waited < wait - toleranceMillis
      ? [`after request ${index + 1} it waited ${waited} ms and not ${wait}`]
      : []
  })
  return [
    ...judgeOutcome(row, seen, arrivals.length),
    ...tooEarly,
    ...(endedAt - startedAt < least - toleranceMillis ? [`it took ${endedAt - startedAt} ms and not ${least}`] : [])
  ]
}

/**
 * Whether the server answers at once. Otherwise the wait is a timeout, which begins before the request arrives at the
 * server.
 */
const answersAtOnce = ({ replies }: Row, index: number): boolean => {
  const reply = replies[Math.min(index, replies.length - 1)]
  return reply?._tag === "Answer" && reply.after === undefined && reply.body?.end === "complete" &&
    reply.body.pieces.every((piece) => piece.after === undefined)
}
