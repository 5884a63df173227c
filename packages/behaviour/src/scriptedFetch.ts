/**
 * A `fetch` that answers with the replies of a row and records the requests. Redirects and aborts follow the fetch
 * standard.
 */
import type { Answer, Body, Failure, Reply } from "./row.ts"

export interface Sent {
  /** Milliseconds on the clock of the runner. */
  readonly at: number
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
}

/** The clock of a runner. */
export interface Time {
  readonly now: () => number
  readonly sleep: (millis: number) => Promise<void>
}

export interface ScriptedFetch {
  readonly fetch: typeof globalThis.fetch
  readonly requests: ReadonlyArray<Sent>
  /** How many answers are neither read to their end nor given up. */
  readonly open: () => number
}

export const scriptedFetch = (replies: ReadonlyArray<Reply>, time: Time): ScriptedFetch => {
  const requests: Array<Sent> = []
  const open = new Set<object>()

  const ask = async (url: string, init: RequestInit, followed = 0): Promise<Response> => {
    const { headers, method = "GET", redirect = "follow", signal } = init
    const reply = replies[Math.min(requests.length, replies.length - 1)]
    requests.push({ at: time.now(), method, url, headers: Object.fromEntries(new Headers(headers)) })
    if (reply === undefined) throw new Error("the row has no reply")
    const exchange = {}
    open.add(exchange)
    const close = () => open.delete(exchange)
    signal?.addEventListener("abort", close)
    if (reply._tag === "Silence") return aborted(signal)
    if (reply._tag === "Failure") {
      close()
      throw failed(reply, headers)
    }
    if (reply.after !== undefined) await Promise.race([time.sleep(reply.after), aborted(signal)])
    const { location } = reply.headers
    if (isRedirect(reply.status) && redirect === "follow" && location !== undefined) {
      close()
      if (followed === mostFollowed) {
        throw new TypeError("fetch failed", { cause: new Error("redirect count exceeded") })
      }
      return marked(await ask(new URL(location, url).href, init, followed + 1))
    }
    const body = reply.body === null ? null : stream(reply.body, time, signal, close)
    if (body === null) close()
    return respond(reply, body)
  }

  return {
    fetch: (input, init = {}) => ask(input instanceof Request ? input.url : String(input), init),
    requests,
    open: () => open.size
  }
}

/** The limit of the fetch standard. */
const mostFollowed = 20

const isRedirect = (status: number): boolean => [301, 302, 303, 307, 308].includes(status)

/** A promise that only the signal settles. */
const aborted = (signal: AbortSignal | null | undefined): Promise<never> =>
  new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason)))

/** The error of undici, whose `cause` says what happened. This one also quotes the whole request. */
const failed = (reply: Failure, headers: HeadersInit | undefined): TypeError =>
  new TypeError(`fetch failed for ${JSON.stringify(Object.fromEntries(new Headers(headers)))}`, { cause: reply.cause })

const marked = (response: Response): Response => Object.defineProperty(response, "redirected", { value: true })

/** A browser shows a redirect that was not followed as status 0. */
const respond = ({ headers, redirected, status }: Answer, body: ReadableStream<Uint8Array> | null): Response => {
  const response = status === 0 ? Response.error() : new Response(body, { status, headers })
  return redirected === true ? marked(response) : response
}

const encoder = new TextEncoder()

const bytesOf = (text: string | Uint8Array): Uint8Array => typeof text === "string" ? encoder.encode(text) : text

const stream = (
  { end, pieces }: Body,
  time: Time,
  signal: AbortSignal | null | undefined,
  close: () => void
): ReadableStream<Uint8Array> => {
  let next = 0
  return new ReadableStream({
    start: (controller) => signal?.addEventListener("abort", () => controller.error(signal.reason)),
    pull: async (controller) => {
      const piece = pieces[next++]
      if (piece !== undefined) {
        if (piece.after !== undefined) await Promise.race([time.sleep(piece.after), aborted(signal)])
        if (signal?.aborted !== true) controller.enqueue(bytesOf(piece.text))
        return
      }
      if (end === "silence") return aborted(signal)
      close()
      if (end === "complete") controller.close()
      else {controller.error(
          new TypeError("terminated", { cause: Object.assign(new Error("cut"), { code: end.breaks }) })
        )}
    },
    cancel: close
  }, { highWaterMark: 0 })
}
