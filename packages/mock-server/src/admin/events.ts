import type { Context } from "hono"
import type { AppEnv } from "../vendor/api.ts"
import type { Core } from "../vendor/core.ts"
import { Feed } from "./feed.ts"

/** Events are sent at most this often, so that a burst is sent as one piece. */
const tickMillis = 100

/**
 * After this many ticks without an event a comment is sent, because Bun closes a connection that is silent for 10
 * seconds.
 */
const ticksBetweenSigns = 50

const headers = {
  "content-type": "text/event-stream",
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
  // Proxies that would hold back a stream until it ends know this one.
  "x-accel-buffering": "no"
}

const tick = (): Promise<void> => new Promise((resolve) => void setTimeout(resolve, tickMillis))

/**
 * What happens on the server, as server-sent events, until the reader leaves or the server closes. It asks for news
 * only when the reader has taken the last ones, so a slow reader costs no more memory than a fast one. It looks every
 * tick, instead of being woken, because Workers do not let one request wake another.
 */
export const eventStream = (core: Core, { env, req }: Context<AppEnv>): Response => {
  const { signal } = req.raw
  env.isEndless = true
  const encoder = new TextEncoder()
  let feed: Feed | undefined
  let isOver = false
  const end = (): void => {
    isOver = true
    feed?.end()
  }
  const news = async (): Promise<string | undefined> => {
    if (feed === undefined) {
      feed = new Feed(core) // Made by the first read, because nobody reads the answer to HEAD.
      return feed.take(Date.now())
    }
    for (let ticks = 0; ticks < ticksBetweenSigns; ticks++) {
      await tick()
      if (isOver || signal.aborted) return undefined
      const told = feed.take(Date.now())
      if (told !== undefined) return told
    }
    return ": nothing new\n\n"
  }
  const body = new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      const told = await news()
      if (isOver) return
      if (told !== undefined) return controller.enqueue(encoder.encode(told))
      end()
      controller.close()
    },
    cancel: end
  }, { highWaterMark: 0 })
  return new Response(body, { headers })
}
