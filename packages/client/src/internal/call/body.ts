import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import { DecodeError, HttpClientError } from "effect/http/HttpClientError"
import * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { isOriginal } from "./pinned.ts"

/** The body has more bytes than `maxBodySize`. */
export class TooLarge extends Data.TaggedError("TooLarge") {}

type Body = Effect.Effect<string, HttpClientError | TooLarge>

/**
 * Reads a body as text. Counts the bytes as they arrive and stops at the limit.
 *
 * The body of a web response is read by its own reader, which costs a fraction of what an Effect stream costs.
 */
export const readBody = (response: HttpClientResponse.HttpClientResponse, maxBodySize: number): Body => {
  if (!isOriginal(response)) return readStream(response, maxBodySize)
  const web = HttpClientResponse.toWeb(response)
  const body = Option.isSome(web) ? web.value.body : undefined
  if (body) return readWeb(response, body, maxBodySize)
  return isFramed(response, maxBodySize) ? readWhole(response, maxBodySize) : readStream(response, maxBodySize)
}

const decoder = new TextDecoder()

/** Whether the body has a declared length within the limit and no encoding: HTTP itself ends such a body there. */
const isFramed = ({ headers }: HttpClientResponse.HttpClientResponse, maxBodySize: number): boolean => {
  const length = headers["content-length"]
  return length !== undefined && headers["content-encoding"] === undefined &&
    headers["transfer-encoding"] === undefined && Number(length) <= maxBodySize
}

const readWhole = (response: HttpClientResponse.HttpClientResponse, maxBodySize: number): Body =>
  Effect.flatMap(
    response.arrayBuffer,
    (bytes) => bytes.byteLength > maxBodySize ? Effect.fail(new TooLarge()) : Effect.succeed(decoder.decode(bytes))
  )

const readWeb = (
  response: HttpClientResponse.HttpClientResponse,
  body: ReadableStream<Uint8Array>,
  maxBodySize: number
): Body =>
  Effect.callback((resume) => {
    const failed = (cause: unknown): void =>
      resume(
        Effect.fail(new HttpClientError({ reason: new DecodeError({ request: response.request, response, cause }) }))
      )
    const text = new Text()
    let reader: ReadableStreamDefaultReader<Uint8Array>
    const giveUp = () => void reader.cancel().catch(() => undefined)
    const next = (): void => void reader.read().then(take, failed)
    const take = ({ done, value }: ReadableStreamReadResult<Uint8Array>): void => {
      try {
        if (done) return resume(Effect.succeed(text.end()))
        if (text.add(value, maxBodySize)) return next()
        resume(Effect.fail(new TooLarge()))
        giveUp()
      } catch (cause) {
        failed(cause)
      }
    }
    try {
      reader = body.getReader()
    } catch (cause) {
      return failed(cause)
    }
    next()
    return Effect.sync(giveUp)
  })

/** Text from bytes that come in pieces. Most bodies are one piece. */
class Text {
  private size = 0
  private first: Uint8Array | undefined
  private rest: TextDecoder | undefined
  private text = ""

  /** Whether all bytes so far are within the limit. */
  add(chunk: Uint8Array, limit: number): boolean {
    this.size += chunk.byteLength
    if (this.size > limit) return false
    if (this.first === undefined) {
      this.first = chunk
      return true
    }
    if (this.rest === undefined) {
      this.rest = new TextDecoder()
      this.text = this.rest.decode(this.first, { stream: true })
    }
    this.text += this.rest.decode(chunk, { stream: true })
    return true
  }

  end(): string {
    return this.rest === undefined ? decoder.decode(this.first) : this.text + this.rest.decode()
  }
}

const readStream = (response: HttpClientResponse.HttpClientResponse, maxBodySize: number): Body =>
  Effect.suspend(() => {
    const text = new Text()
    return Stream.runForEachArray(
      response.stream,
      (chunks) => chunks.every((chunk) => text.add(chunk, maxBodySize)) ? Effect.void : Effect.fail(new TooLarge())
    ).pipe(
      Effect.map(() => text.end()),
      // Without a stream there is no body, or the runtime has no streams: then the whole body is read at once.
      Effect.catch((error) =>
        error._tag === "HttpClientError" && error.reason._tag === "EmptyBodyError"
          ? readWhole(response, maxBodySize)
          : Effect.fail(error)
      )
    )
  })
