/** The spans and metrics of a few calls, which must be the same for both clients. */
import { balance, failure, refusal, silence } from "./replies.ts"
import type { Row } from "./row.ts"

const observed = { family: "telemetry", options: { baseUrl: "http://127.0.0.1:4010/api" } }

/** The calls, in this order. */
export const calls: ReadonlyArray<Row> = [
  {
    ...observed,
    name: "a busy server, and then a balance",
    replies: [refusal(503), balance],
    wants: { outcome: "Balance", requests: 2 }
  },
  {
    ...observed,
    name: "a refused key",
    replies: [refusal(401)],
    wants: { outcome: "PolloUnauthorized", requests: 1 }
  },
  {
    ...observed,
    name: "a server that is gone, and then silent",
    replies: [failure("ECONNREFUSED"), silence],
    policy: { maxRetries: 1 },
    wants: { outcome: "PolloTimeout", requests: 2 }
  }
]

export interface SeenSpan {
  readonly name: string
  readonly kind: string
  readonly attributes: Readonly<Record<string, unknown>>
}

export interface SeenMetric {
  readonly name: string
  readonly description: string | undefined
  readonly attributes: Readonly<Record<string, string>>
  /** The value of a counter or a gauge, and the count of a histogram. */
  readonly figure: number
  /** The boundaries of a histogram, without the one at infinity that some have. */
  readonly boundaries?: ReadonlyArray<number> | undefined
}

const request = {
  "http.request.method": "GET",
  "url.full": "http://127.0.0.1:4010/api/credit/balance",
  "server.address": "127.0.0.1",
  "server.port": 4010
}

const call = (attempts: number, outcome: string): SeenSpan => ({
  name: "PolloCredits.getBalance",
  kind: "internal",
  attributes: { "pollo.attempts": attempts, "pollo.outcome": outcome }
})

const attempt = (attributes: Readonly<Record<string, unknown>>): SeenSpan => ({
  name: "GET",
  kind: "client",
  attributes: { ...request, ...attributes }
})

/** The spans, in the order in which they begin. */
export const spans: ReadonlyArray<SeenSpan> = [
  call(2, "Success"),
  attempt({ "http.response.status_code": 503, "error.type": "503" }),
  attempt({ "http.response.status_code": 200, "http.request.resend_count": 1 }),
  call(1, "PolloUnauthorized"),
  attempt({ "http.response.status_code": 401, "error.type": "401" }),
  call(2, "PolloTimeout"),
  attempt({ "error.type": "PolloTransportError" }),
  attempt({ "error.type": "Interrupted", "http.request.resend_count": 1 })
]

const finished = (outcome: string): SeenMetric => ({
  name: "pollo.client.outcomes",
  description: "Finished calls, by outcome: Success or the tag of the error",
  attributes: { outcome },
  figure: 1
})

const requested = (attributes: Readonly<Record<string, string>>): SeenMetric => ({
  name: "http.client.request.duration",
  description: "Duration of HTTP client requests, to the last byte of the body",
  attributes: {
    unit: "s",
    "http.request.method": "GET",
    "server.address": "127.0.0.1",
    "server.port": "4010",
    ...attributes
  },
  figure: 1,
  boundaries: [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]
})

/** The metrics, in no particular order. */
export const metrics: ReadonlyArray<SeenMetric> = [
  { name: "pollo.client.requests", description: "Attempts to send a request", attributes: {}, figure: 5 },
  { name: "pollo.client.retries", description: "Attempts after the first of a call", attributes: {}, figure: 2 },
  finished("Success"),
  finished("PolloUnauthorized"),
  finished("PolloTimeout"),
  {
    name: "pollo.client.duration",
    description: "Time from the start of a call to its outcome, waits included",
    attributes: { time_unit: "milliseconds" },
    figure: 3,
    boundaries: Array.from({ length: 15 }, (_, power) => 2 ** power)
  },
  {
    name: "pollo.credits.available",
    description: "Available credits in the last successful reading",
    attributes: {},
    figure: 1000
  },
  requested({ "http.response.status_code": "503", "error.type": "503" }),
  requested({ "http.response.status_code": "200" }),
  requested({ "http.response.status_code": "401", "error.type": "401" }),
  requested({ "error.type": "PolloTransportError" }),
  requested({ "error.type": "Interrupted" })
]
