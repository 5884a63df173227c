import { untilAborted } from "./fault.ts"
import type { Fault } from "./fault.ts"
import { faultyBody } from "./faulty-body.ts"

/** Promises the whole body in `Content-Length`, sends its first bytes (half of it unless told), and closes. */
export const truncated = (bytes?: number): Fault =>
  faultyBody(async function*(whole) {
    const sent = whole.subarray(0, Math.min(bytes ?? whole.length >> 1, whole.length - 1))
    if (sent.length > 0) yield sent
    return "cut"
  })

/** Sends the head, and then nothing. */
export const hangAfterHeaders: Fault = faultyBody((_whole, { signal }) => ({ next: () => untilAborted(signal) }))

/** The whole body in equal pieces, evenly over a time: the last one is sent when that is over. */
export const dribble = (pieces: number, millis: number): Fault =>
  faultyBody(async function*(whole, { clock, signal }) {
    const count = Math.min(pieces, whole.length)
    const startOf = (piece: number): number => Math.floor((piece * whole.length) / count)
    for (let piece = 0; piece < count; piece++) {
      await clock.sleep(millis / count, signal)
      yield whole.subarray(startOf(piece), startOf(piece + 1))
    }
    return "whole"
  })

const encoder = new TextEncoder()
const padding = encoder.encode("x".repeat(65_536))
const start = encoder.encode(",\"padding\":\"")
const end = encoder.encode("\"}")

/**
 * Lets timers run between two pieces. A reader in process waits for nothing else, and would delay every timer until the
 * body ends.
 */
const otherWork = (): Promise<void> => new Promise((resolve) => void setTimeout(resolve))
const bytesBetweenTurns = 1024 * 1024

/** The JSON object of the answer with a field that makes it `bytes` long, in chunks, so that no length is announced. */
export const oversized = (bytes: number): Fault =>
  faultyBody(async function*(whole) {
    const object = whole.subarray(0, -1)
    yield object
    yield start
    const padded = bytes - object.length - start.length - end.length
    for (let sent = 0; sent < padded; sent += padding.length) {
      if (sent % bytesBetweenTurns === 0) await otherWork()
      yield padding.subarray(0, padded - sent)
    }
    yield end
    return "whole"
  }, "chunked")

/** The head of a chunked answer, and then bytes that are no chunk. */
export const malformedChunk: Fault = faultyBody(
  () => ({ next: async () => ({ done: true, value: "garbage" }) }),
  "chunked"
)

const untouched = faultyBody(async function*(whole) {
  yield whole
  return "whole"
})

/** An answer whose `Content-Encoding` is gzip and whose body is not: the decoder fails, also without a connection. */
export const badGzip: Fault = {
  onSocket: untouched.onSocket,
  inProcess: async ({ response }) =>
    response.body === null
      ? response
      : new Response(response.body.pipeThrough(new DecompressionStream("gzip")), response)
}
