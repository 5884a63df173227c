/** The names of spans and metrics, which both clients share, so that one dashboard fits both. */

/** The span around a call, with the attributes `pollo.attempts` and `pollo.outcome`. */
export const callSpan = "PolloCredits.getBalance"

/** The span around an attempt, by OpenTelemetry's HTTP conventions. */
export const attemptSpan = "GET"

export const metrics = {
  requests: { name: "pollo.client.requests", description: "Attempts to send a request" },
  retries: { name: "pollo.client.retries", description: "Attempts after the first of a call" },
  outcomes: {
    name: "pollo.client.outcomes",
    description: "Finished calls, by outcome: Success or the tag of the error"
  },
  duration: {
    name: "pollo.client.duration",
    description: "Time from the start of a call to its outcome, waits included",
    /** Milliseconds. */
    boundaries: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16_384]
  },
  available: { name: "pollo.credits.available", description: "Available credits in the last successful reading" },
  requestDuration: {
    name: "http.client.request.duration",
    description: "Duration of HTTP client requests, to the last byte of the body",
    /** Seconds, as the conventions advise. */
    boundaries: [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]
  }
} as const

/** The server of the requests, in the terms of the conventions. */
export interface Server {
  readonly url: string
  readonly address: string
  readonly port: number
}

export const serverOf = (url: URL): Server => ({
  url: url.href,
  address: url.hostname.replace(/^\[|\]$/g, ""),
  port: Number(url.port) || (url.protocol === "https:" ? 443 : 80)
})

/** Attributes of the span of attempt `number`, from 1, when it begins. */
export const attemptAttributes = ({ address, port, url }: Server, number: number) => ({
  "http.request.method": "GET",
  "url.full": url,
  "server.address": address,
  "server.port": port,
  ...(number === 1 ? undefined : { "http.request.resend_count": number - 1 })
})

/** Attributes of the duration of an attempt. */
export const durationAttributes = (
  { address, port }: Server,
  status: number | undefined,
  errorType: string | undefined
): Readonly<Record<string, string>> => ({
  "http.request.method": "GET",
  "server.address": address,
  "server.port": String(port),
  ...(status === undefined ? undefined : { "http.response.status_code": String(status) }),
  ...(errorType === undefined ? undefined : { "error.type": errorType })
})

/**
 * The `error.type` of an attempt that failed: the status of its error, or the tag of an error without one. An attempt
 * that was given up has no error: its type is the status that had arrived by then, or `outcome` if no status or a 200
 * had arrived.
 */
export const errorType = (
  error: { readonly _tag: string; readonly status?: number } | undefined,
  status: number | undefined,
  outcome: string
): string =>
  error === undefined
    ? status === undefined || status === 200 ? outcome : String(status)
    : "status" in error
    ? String(error.status)
    : error._tag
