import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import type { HttpClientError } from "effect/http/HttpClientError"
import type * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Stream from "effect/Stream"

/** The body has more bytes than may be read. */
export class TooLarge extends Data.TaggedError("TooLarge") {}

/** Reads a body as text. Counts the bytes as they arrive and stops at the limit; a declared length proves nothing. */
export const readBody = (
  response: HttpClientResponse.HttpClientResponse,
  maxBodySize: number
): Effect.Effect<string, HttpClientError | TooLarge> =>
  Effect.suspend(() => {
    const decoder = new TextDecoder()
    let size = 0
    let text = ""
    const take = (chunk: Uint8Array): boolean => {
      size += chunk.byteLength
      if (size > maxBodySize) return false
      text += decoder.decode(chunk, { stream: true })
      return true
    }
    return Stream.runForEachArray(
      response.stream,
      (chunks) => chunks.every(take) ? Effect.void : Effect.fail(new TooLarge())
    ).pipe(
      Effect.catch((error) =>
        // No stream means no body, or a runtime that has no streams: then the whole body is there at once.
        error._tag === "HttpClientError" && error.reason._tag === "EmptyBodyError"
          ? Effect.flatMap(
            response.arrayBuffer,
            (bytes) => take(new Uint8Array(bytes)) ? Effect.void : Effect.fail(new TooLarge())
          )
          : Effect.fail(error)
      ),
      Effect.map(() => text + decoder.decode())
    )
  })
