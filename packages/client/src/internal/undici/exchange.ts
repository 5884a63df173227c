/** One request over an undici dispatcher, and its response. */
import * as Effect from "effect/Effect"
import * as HttpClientError from "effect/http/HttpClientError"
import type * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as HttpClientResponse from "effect/http/HttpClientResponse"
import type { Dispatcher } from "undici"

type Answer = Effect.Effect<HttpClientResponse.HttpClientResponse, HttpClientError.HttpClientError>
type Bytes = Uint8Array<ArrayBuffer>

/** A body of more bytes than this is streamed, so that its reader can apply `maxBodySize`. */
const bufferSize = 65_536

/**
 * The response of a 200 is returned when its body is complete. Any other response is returned with its head, because
 * its status must not wait for a body that may never come.
 */
export class Exchange implements Dispatcher.DispatchHandler {
  private readonly request: HttpClientRequest.HttpClientRequest
  private readonly signal: AbortSignal
  private readonly resume: (answer: Answer) => void
  private controller: Dispatcher.DispatchController | undefined
  private aborted = false
  private status = 0
  private headers = new Headers()
  private chunks: Array<Bytes> = []
  private size = 0
  private streamed: ReadableStreamDefaultController<Bytes> | undefined

  constructor(request: HttpClientRequest.HttpClientRequest, signal: AbortSignal, resume: (answer: Answer) => void) {
    this.request = request
    this.signal = signal
    this.resume = resume
  }

  send(dispatcher: Dispatcher, url: URL): void {
    const { body, headers, method } = this.request
    if (body._tag !== "Empty") return this.fail(new Error("sends no request body"))
    const path = url.pathname + url.search
    try {
      // The caller has its own timeouts.
      dispatcher.dispatch({ origin: url.origin, path, method, headers, headersTimeout: 0, bodyTimeout: 0 }, this)
    } catch (cause) {
      this.fail(cause)
    }
  }

  readonly abort = (): void => {
    this.aborted = true
    this.controller?.abort(new Error("interrupted"))
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller
    if (this.aborted) this.abort()
  }

  onResponseStart(
    _: Dispatcher.DispatchController,
    status: number,
    received: Record<string, string | Array<string> | undefined>
  ): void {
    if (status < 200) return
    this.status = status
    for (const [name, value = ""] of Object.entries(received)) {
      for (const each of Array.isArray(value) ? value : [value]) this.headers.append(name, each)
    }
    if (status !== 200) this.stream()
  }

  onResponseData(controller: Dispatcher.DispatchController, data: Uint8Array): void {
    if (this.aborted) return
    const chunk = new Uint8Array(data)
    this.size += chunk.byteLength
    if (this.streamed === undefined) {
      this.chunks.push(chunk)
      if (this.size > bufferSize) this.stream()
    } else {
      this.streamed.enqueue(chunk)
      if ((this.streamed.desiredSize ?? 0) <= 0) controller.pause()
    }
  }

  onResponseEnd(): void {
    if (this.aborted) return
    const [first] = this.chunks
    if (this.streamed === undefined) {
      return this.answer(this.chunks.length === 1 && first !== undefined ? first : Buffer.concat(this.chunks))
    }
    this.signal.removeEventListener("abort", this.abort)
    this.streamed.close()
  }

  onResponseError(_: Dispatcher.DispatchController, cause: Error): void {
    if (this.streamed === undefined) this.fail(cause)
    else this.streamed.error(cause)
  }

  /** Streams the body: the bytes that have arrived, and then those that follow. */
  private stream(): void {
    this.signal.addEventListener("abort", this.abort, { once: true })
    this.answer(
      new ReadableStream<Bytes>({
        start: (streamed) => {
          this.streamed = streamed
          for (const chunk of this.chunks) streamed.enqueue(chunk)
        },
        pull: () => this.controller?.resume(),
        cancel: this.abort
      })
    )
  }

  private answer(body: Bytes | ReadableStream<Bytes>): void {
    const hasBody = this.status !== 204 && this.status !== 205 && this.status !== 304
    const response = new Response(hasBody ? this.decoded(body) : null, { headers: this.headers })
    // The constructor of `Response` refuses some statuses that servers do send.
    if (this.status !== 200) Object.defineProperty(response, "status", { value: this.status })
    this.resume(Effect.succeed(HttpClientResponse.fromWeb(this.request, response)))
  }

  /** The request has no `Accept-Encoding`, so a server may compress the body. */
  private decoded(body: Bytes | ReadableStream<Bytes>): Bytes | ReadableStream<Bytes> {
    const encoding = this.headers.get("content-encoding")?.toLowerCase()
    if (encoding !== "gzip" && encoding !== "deflate") return body
    return (body instanceof ReadableStream ? body : new Blob([body]).stream()).pipeThrough(
      new DecompressionStream(encoding)
    )
  }

  private fail(cause: unknown): void {
    const reason = new HttpClientError.TransportError({ request: this.request, cause })
    this.resume(Effect.fail(new HttpClientError.HttpClientError({ reason })))
  }
}
