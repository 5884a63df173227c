/** What three clients make of one answer, each in a few words that are the same on every run. */
import { PolloCredits, type PolloError } from "@effect-pollo/client"
import { Effect, Layer, Redacted } from "effect"
import { FetchHttpClient } from "effect/http"
import { type IncomingMessage, request as httpRequest, type RequestOptions } from "node:http"

export type Fetch = typeof globalThis.fetch

/** One request: where to, with which key, and how long the client waits for the whole of the answer. */
export interface Ask {
  readonly baseUrl: string
  readonly key: string
  readonly patienceMillis: number
}

const code = (text: string): string => `\`${text}\``

/** The code of the innermost cause that has one, or else its name. */
const nameOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  if (error.cause !== undefined) return nameOf(error.cause)
  return "code" in error && typeof error.code === "string" ? error.code : error.name
}

/** A `TypeError` by its message, every other error by its name, and what the code of either says beyond that. */
const rejection = (error: unknown): string => {
  const name = error instanceof TypeError && error.message !== ""
    ? String(error)
    : error instanceof Error
    ? error.name
    : ""
  const cause = nameOf(error)
  return name.startsWith(cause) ? code(name) : `${code(name)}, cause ${code(cause)}`
}

const isBalance = (text: string): boolean => {
  try {
    return typeof JSON.parse(text).availableCredits === "number"
  } catch {
    return false
  }
}

const bodyIn = (text: string): string => {
  if (text === "") return "no body"
  if (!isBalance(text)) return "no JSON"
  return text.length < 1024 * 1024 ? "the balance" : `the balance, after ${text.length / 1024 / 1024} MiB`
}

const timedOut = "waits until its own timeout"

export const byFetch = (fetch: Fetch) => async ({ baseUrl, key, patienceMillis }: Ask): Promise<string> => {
  let sofar = ""
  try {
    const signal = AbortSignal.timeout(patienceMillis)
    const response = await fetch(`${baseUrl}/credit/balance`, { headers: { "x-api-key": key }, signal })
    sofar = `${response.redirected ? "takes the key to the other origin: " : ""}${response.status}, `
    return sofar + bodyIn(await response.text())
  } catch (error) {
    if (error instanceof DOMException && error.name === "TimeoutError") return sofar + timedOut
    return sofar + rejection(error)
  }
}

export const byNodeHttp = (options: RequestOptions) => ({ baseUrl, key, patienceMillis }: Ask): Promise<string> =>
  new Promise((resolve) => {
    let sofar = ""
    const signal = AbortSignal.timeout(patienceMillis)
    const failed = (error: Error): void => resolve(sofar + (signal.aborted ? timedOut : `error ${code(nameOf(error))}`))
    const read = (response: IncomingMessage): void => {
      sofar = `${response.statusCode}, `
      let text = ""
      response.setEncoding("utf8")
      response.on("data", (chunk: string) => (text += chunk))
      response.on("end", () => resolve(sofar + bodyIn(text)))
      response.on("error", failed)
    }
    httpRequest(`${baseUrl}/credit/balance`, { ...options, headers: { "x-api-key": key }, signal }, read)
      .on("error", failed)
      .end()
  })

const failure = (error: PolloError): string => {
  const detail = error._tag === "PolloInvalidResponse"
    ? ` ${code(error.reason)}`
    : error._tag === "PolloTimeout"
    ? ` of the ${error.phase}`
    : "code" in error && error.code !== undefined
    ? ` ${code(error.code)}`
    : ""
  return `${code(error._tag)}${detail}${error.isRetryable ? ", asks again" : ""}`
}

/** Our client, one request unless told. */
export const byClient = (fetch: Fetch, maxRetries = 0) => ({ baseUrl, key, patienceMillis }: Ask): Promise<string> =>
  PolloCredits.getBalance.pipe(
    Effect.map(() => "the balance"),
    Effect.catch((error) => Effect.succeed(failure(error))),
    Effect.provide(PolloCredits.layer({
      apiKey: Redacted.make(key),
      baseUrl,
      policy: { attemptTimeout: patienceMillis, deadline: "10 seconds", maxRetries, backoff: { base: "1 millis" } }
    })),
    Effect.provide(FetchHttpClient.layer),
    Effect.provide(Layer.succeed(FetchHttpClient.Fetch, fetch)),
    Effect.runPromise
  )
