/**
 * Transports that answer from memory, but in a later turn as a socket does: if they answered at once, a client could
 * skip the timer that it needs otherwise.
 */
import { Effect, Inspectable, Layer, Option, Stream } from "effect"
import { pipeArguments } from "effect/Pipeable"
import {
  Cookies,
  FetchHttpClient,
  Headers,
  HttpClient,
  HttpClientError,
  type HttpClientRequest,
  HttpClientResponse,
  HttpIncomingMessage
} from "effect/http"

const text = JSON.stringify({ availableCredits: 42, totalCredits: 100 })
const bytes = new TextEncoder().encode(text)
const headers = Headers.fromInput({ "content-type": "application/json" })

export const respond = (): Promise<Response> =>
  Promise.resolve(new Response(text, { headers: { "content-type": "application/json" } }))

/** Answers with a web response, as fetch does. */
export const webTransport = FetchHttpClient.layer.pipe(Layer.provide(Layer.succeed(FetchHttpClient.Fetch, respond)))

/** A response that is not a web response, like those of clients on Node's `http`. */
class CannedResponse extends Inspectable.Class implements HttpClientResponse.HttpClientResponse {
  readonly [HttpIncomingMessage.TypeId] = HttpIncomingMessage.TypeId
  readonly [HttpClientResponse.TypeId] = HttpClientResponse.TypeId
  readonly status = 200
  readonly headers = headers
  readonly cookies = Cookies.empty
  readonly remoteAddress = Option.none()
  readonly request: HttpClientRequest.HttpClientRequest
  constructor(request: HttpClientRequest.HttpClientRequest) {
    super()
    this.request = request
  }
  get url(): string {
    return this.request.url
  }
  get stream() {
    return Stream.succeed(bytes)
  }
  get arrayBuffer() {
    return Effect.succeed(bytes.buffer)
  }
  get text() {
    return Effect.succeed(text)
  }
  get json() {
    return Effect.sync(() => JSON.parse(text))
  }
  get urlParamsBody() {
    return this.unsupported
  }
  get formData() {
    return this.unsupported
  }
  get upgrade() {
    return this.unsupported
  }
  pipe() {
    return pipeArguments(this, arguments)
  }
  toJSON() {
    return { status: this.status }
  }
  private get unsupported() {
    const reason = new HttpClientError.EmptyBodyError({ request: this.request, response: this })
    return Effect.fail(new HttpClientError.HttpClientError({ reason }))
  }
}

export const otherTransport = Layer.succeed(
  HttpClient.HttpClient,
  HttpClient.make((request) => Effect.promise(() => Promise.resolve(new CannedResponse(request))))
)
