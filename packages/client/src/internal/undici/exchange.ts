/** One request over an undici dispatcher, and its response. */
import * as Effect from "effect/Effect"
import * as HttpClientError from "effect/http/HttpClientError"
import type * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as HttpClientResponse from "effect/http/HttpClientResponse"
import type { Dispatcher } from "undici"

type Answer = Effect.Effect<HttpClientResponse.HttpClientResponse, HttpClientError.HttpClientError>
type Bytes = Uint8Array<ArrayBuffer>
type Body = Bytes | ReadableStream<Bytes>

/** Bytes beyond which a body is streamed, so that its reader decides how much is too much. */
const bufferSize = 65_536

/**
 * Sends a request, and yields what aborts it. A 200 is handed on whole, in one step. Of any other response the status
 * must not wait for a body that may never come.
 */
export const exchange = (
  dispatcher: Dispatcher,
  request: HttpClientRequest.HttpClientRequest,
  url: URL,
  signal: AbortSignal,
  resume: (answer: Answer) => void
): () => void => {
  const headers = new Headers()
  const chunks: Array<Bytes> = []
  let size = 0
  let status = 0
  let aborted = false
  let connection: Dispatcher.DispatchController | undefined
  let streamed: ReadableStreamDefaultController<Bytes> | undefined

  const abort = (): void => {
    aborted = true
    connection?.abort(new Error("interrupted"))
  }
  const fail = (cause: unknown): void => {
    const reason = new HttpClientError.TransportError({ request, cause })
    resume(Effect.fail(new HttpClientError.HttpClientError({ reason })))
  }
  const answer = (body: Body): void => {
    const hasBody = status !== 204 && status !== 205 && status !== 304
    const response = new Response(hasBody ? decoded(body, headers.get("content-encoding")) : null, { headers })
    // The constructor takes no status that it thinks impossible. Servers send them all the same.
    if (status !== 200) Object.defineProperty(response, "status", { value: status })
    resume(Effect.succeed(HttpClientResponse.fromWeb(request, response)))
  }
  /** Hands on what has come and what will come. */
  const stream = (): void => {
    signal.addEventListener("abort", abort, { once: true })
    const start = (controller: ReadableStreamDefaultController<Bytes>) => {
      streamed = controller
      for (const chunk of chunks) controller.enqueue(chunk)
    }
    answer(new ReadableStream<Bytes>({ start, pull: () => connection?.resume(), cancel: abort }))
  }
  const handler: Dispatcher.DispatchHandler = {
    onRequestStart(controller) {
      connection = controller
      if (aborted) abort()
    },
    onResponseStart(_, received, fields) {
      if (received < 200) return
      status = received
      for (const [name, value = ""] of Object.entries(fields)) {
        for (const each of Array.isArray(value) ? value : [value]) headers.append(name, each)
      }
      if (status !== 200) stream()
    },
    onResponseData(controller, data) {
      if (aborted) return
      const chunk = new Uint8Array(data)
      size += chunk.byteLength
      if (streamed === undefined) {
        chunks.push(chunk)
        if (size > bufferSize) stream()
      } else {
        streamed.enqueue(chunk)
        if ((streamed.desiredSize ?? 0) <= 0) controller.pause()
      }
    },
    onResponseEnd() {
      if (aborted) return
      if (streamed === undefined) return answer(Buffer.concat(chunks))
      signal.removeEventListener("abort", abort)
      streamed.close()
    },
    onResponseError(_, cause) {
      if (streamed === undefined) fail(cause)
      else streamed.error(cause)
    }
  }

  try {
    if (request.body._tag !== "Empty") throw new Error("sends no request body")
    // The caller limits the time.
    const unlimited = { headersTimeout: 0, bodyTimeout: 0 }
    const target = { origin: url.origin, path: url.pathname + url.search }
    dispatcher.dispatch({ ...target, ...unlimited, method: request.method, headers: request.headers }, handler)
  } catch (cause) {
    fail(cause)
  }
  return abort
}

/** The request accepts no encoding in particular, so a server may use one. */
const decoded = (body: Body, encoding: string | null): Body => {
  const format = encoding?.toLowerCase()
  if (format !== "gzip" && format !== "deflate") return body
  const encoded = body instanceof ReadableStream ? body : new Blob([body]).stream()
  return encoded.pipeThrough(new DecompressionStream(format))
}
