import type { App } from "./app.ts"
import { SocketRequiredError } from "./errors.ts"
import { Exchange } from "./exchange.ts"

/** Answers a request without a socket. Rejects as the global `fetch` does: with the reason of the request's signal. */
export const answerInProcess = async (app: App, request: Request): Promise<Response> => {
  const { signal } = request
  signal.throwIfAborted()
  const exchange = new Exchange()
  const response = await app.fetch(request, exchange)
  const { delivery } = exchange
  if (delivery === undefined) return response
  const { clock, delayMillis, fault, random, step } = delivery
  if (delayMillis > 0) await clock.sleep(delayMillis, signal)
  if (fault === undefined) return response
  if (fault.inProcess === undefined) throw new SocketRequiredError(step)
  return fault.inProcess({ response, clock, random, signal })
}
