import type { App } from "../vendor/api.ts"
import type { Core } from "../vendor/core.ts"
import { SocketRequiredError } from "../values/errors.ts"
import { Exchange } from "../vendor/exchange.ts"
import type { Delivery } from "../vendor/exchange.ts"

const deliver = async (
  { clock, delayMillis, fault, random, step }: Delivery,
  response: Response,
  signal: AbortSignal
): Promise<Response> => {
  if (delayMillis > 0) await clock.sleep(delayMillis, signal)
  if (fault === undefined) return response
  if (fault.inProcess === undefined) throw new SocketRequiredError(step)
  return fault.inProcess({ response, clock, random, signal })
}

/** Answers a request without a socket. Rejects as the global `fetch` does: with the reason of the request's signal. */
export const answerInProcess = async (app: App, { journal }: Core, request: Request): Promise<Response> => {
  const { signal } = request
  signal.throwIfAborted()
  const exchange = new Exchange(true)
  const response = await app.fetch(request, exchange)
  const { delivery } = exchange
  const record = journal.record(exchange, request.method)
  if (delivery === undefined) {
    record?.end("sent", response.status)
    return response
  }
  try {
    const delivered = await deliver(delivery, response, signal)
    record?.end(delivery.breaksAnswer ? "faulted" : "sent", delivered.status)
    return delivered
  } catch (error) {
    record?.end(signal.aborted ? "aborted" : "faulted", null)
    throw error
  }
}
