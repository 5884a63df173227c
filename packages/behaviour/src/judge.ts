/** Compares what a client did with what its row wants. Each difference is a complaint in words. */
import type { Sent } from "./scriptedFetch.ts"
import { isDeepStrictEqual } from "node:util"
import { baseUrl, key, type Row } from "./row.ts"

/** What a client did with a row. */
export interface Observed {
  /** `Balance`, or the tag of the error. */
  readonly outcome: string
  /** The fields and getters of the balance or the error; durations are milliseconds. */
  readonly fields: Readonly<Record<string, unknown>>
  readonly requests: ReadonlyArray<Sent>
  /** Milliseconds on the clock of the runner when the outcome was there. */
  readonly endedAt: number
  /** All that a program could print of the outcome: the exit, the error, spans and logs. */
  readonly printed: string
  /** Whether the error is the same after its journey through JSON, for a client whose errors claim that. */
  readonly survivesJson: boolean
  /** Answers that are neither read to their end nor given up. */
  readonly open: number
}

export type Complaint = string

export const judge = (row: Row, observed: Observed): ReadonlyArray<Complaint> => [
  ...judgeOutcome(row, observed, observed.requests.length),
  ...waits(row, observed),
  ...observed.requests.flatMap((request) => requested(row, request)),
  ...(observed.open === 0 ? [] : [`it left ${observed.open} answers open`])
]

/** The complaints that do not depend on where the row was run. */
export const judgeOutcome = (
  row: Row,
  observed: Pick<Observed, "outcome" | "fields" | "printed" | "survivesJson">,
  requests: number
): ReadonlyArray<Complaint> => [
  ...outcome(row, observed),
  ...(requests === row.wants.requests ? [] : [`it sent ${requests} requests and not ${row.wants.requests}`]),
  ...secrecy(row, observed),
  ...(observed.survivesJson ? [] : ["its error is another one after a journey through JSON"])
]

const show = (value: unknown): string => JSON.stringify(value) ?? String(value)

const outcome = (
  { wants }: Row,
  { fields, outcome }: Pick<Observed, "outcome" | "fields">
): ReadonlyArray<Complaint> => [
  ...(outcome === wants.outcome ? [] : [`the outcome is ${outcome} ${show(fields)} and not ${wants.outcome}`]),
  ...Object.entries(wants.fields ?? {}).filter(([name, value]) => !isDeepStrictEqual(fields[name], value)).map(
    ([name, value]) => `${name} is ${show(fields[name])} and not ${show(value)}`
  )
]

const waits = ({ wants }: Row, { endedAt, requests }: Observed): ReadonlyArray<Complaint> => {
  if (wants.waits === undefined) return []
  const moments = [...requests.map(({ at }) => at), endedAt]
  const waited = moments.slice(1).map((at, index) => at - (moments[index] ?? 0))
  return isDeepStrictEqual(waited, wants.waits) ? [] : [`it waited ${show(waited)} and not ${show(wants.waits)}`]
}

/** What holds for every request of every row. */
const requested = ({ options }: Row, { headers, method, url }: Sent): ReadonlyArray<Complaint> => {
  const address = `${new URL(options?.baseUrl ?? baseUrl).href.replace(/\/+$/, "")}/credit/balance`
  const expected = { accept: "application/json", "x-api-key": options?.apiKey ?? key }
  return [
    ...(method === "GET" ? [] : [`it sent a ${method}`]),
    ...(url === address ? [] : [`it asked ${url} and not ${address}`]),
    ...Object.entries(expected).filter(([name, value]) => headers[name] !== value).map(([name]) => `no right ${name}`),
    ...(headers["user-agent"]?.startsWith("effect-pollo/") === true ? [] : ["no User-Agent of its own"]),
    ...["traceparent", "b3"].filter((name) => headers[name] !== undefined).map((name) =>
      `it sent ${name} to the vendor`
    )
  ]
}

/**
 * Values from the caller that no output may repeat. A very short key is not searched for, because it would be found in
 * any word.
 */
const secrecy = ({ options = {} }: Row, { printed }: Pick<Observed, "printed">): ReadonlyArray<Complaint> => {
  const { apiKey = key, baseUrl: address = "" } = options
  const forms = apiKey.length < 8 ? {} : {
    "the key as it is": apiKey,
    "the key in base64": Buffer.from(apiKey).toString("base64"),
    "the key percent-encoded": encodeURIComponent(apiKey)
  }
  const hidden = { ...forms, ...(address.includes("secret") ? { "part of the base URL": "secret" } : undefined) }
  return Object.entries(hidden).filter(([, form]) => printed.includes(form)).map(([what]) => `it prints ${what}`)
}
