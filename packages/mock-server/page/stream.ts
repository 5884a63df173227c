import { call, explain, isNetwork, RefusedError } from "./api.ts"
import { eventsIn } from "./sse.ts"
import type { ServerEvent } from "./sse.ts"

/** Is told of every change of the connection, and of the events that arrive through it. */
export interface Listener {
  readonly onEvent: (event: ServerEvent) => void
  readonly onConnected: () => void
  /** The connection is tried again until it works. */
  readonly onLost: () => void
  /** The connection is tried again when the promise resolves. */
  readonly onRefused: (error: RefusedError) => Promise<void>
}

/** The server shows a sign of life every 5 seconds. */
const silenceMillis = 15_000

const firstRetryMillis = 250
const lastRetryMillis = 4000

const wait = (millis: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, millis))

/** Reads until the stream ends. `isAlive` is called whenever something comes. */
const read = async (
  stream: ReadableStream<Uint8Array>,
  onEvent: Listener["onEvent"],
  isAlive: () => void
): Promise<void> => {
  const decoder = new TextDecoder()
  const reader = stream.getReader()
  let text = ""
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    isAlive()
    const { events, rest } = eventsIn(text + decoder.decode(value, { stream: true }))
    text = rest
    for (const event of events) onEvent(event)
  }
}

const becomesVisible = (): Promise<void> =>
  new Promise((resolve) => {
    const look = (): void => {
      if (document.hidden) return
      document.removeEventListener("visibilitychange", look)
      resolve()
    }
    document.addEventListener("visibilitychange", look)
    look()
  })

/** One connection, from its beginning to its end. */
const connect = async (listener: Listener): Promise<void> => {
  const gone = new AbortController()
  const leave = (): void => gone.abort()
  const leaveIfHidden = (): void => {
    if (document.hidden) leave()
  }
  let silence = setTimeout(leave, silenceMillis)
  const isAlive = (): void => {
    clearTimeout(silence)
    silence = setTimeout(leave, silenceMillis)
  }
  document.addEventListener("visibilitychange", leaveIfHidden)
  try {
    const { body } = await call("GET", "/events", { signal: gone.signal })
    listener.onConnected()
    if (body !== null) await read(body, listener.onEvent, isAlive)
  } finally {
    clearTimeout(silence)
    document.removeEventListener("visibilitychange", leaveIfHidden)
    leave()
  }
}

/**
 * Listens to the server for as long as the page is open. It uses `fetch`, because `EventSource` cannot send the token.
 * A hidden page closes its connection, because browsers open at most six connections to a server over all tabs.
 */
export const listen = async (listener: Listener): Promise<never> => {
  let retryMillis = firstRetryMillis
  const withReset: Listener = {
    ...listener,
    onConnected: () => {
      retryMillis = firstRetryMillis
      listener.onConnected()
    }
  }
  for (;;) {
    await becomesVisible()
    try {
      await connect(withReset)
    } catch (error) {
      if (error instanceof RefusedError) {
        await listener.onRefused(error)
        continue
      }
      // An error in the page itself is shown as one. It would happen again at once, so the page waits as after a
      // refusal.
      if (!isNetwork(error)) {
        await listener.onRefused(new RefusedError(0, explain(error)))
        continue
      }
    }
    if (document.hidden) continue
    listener.onLost()
    await wait(retryMillis)
    retryMillis = Math.min(retryMillis * 2, lastRetryMillis)
  }
}
