import type { App } from "./app.ts"
import { SocketRequiredError } from "./errors.ts"
import { Exchange } from "./exchange.ts"
import { wireFaults } from "./wire/faults.ts"
import type { WireFault } from "./wire/fault.ts"

/** Answers a request without a socket. Rejects as the global `fetch` does: with the reason of the request's signal. */
export const answerInProcess = async (app: App, request: Request): Promise<Response> => {
  const { signal } = request
  signal.throwIfAborted()
  const exchange = new Exchange()
  const response = await app.fetch(request, exchange)
  const { delivery } = exchange
  if (delivery === undefined) return response
  if (delivery.delayMillis > 0) await delivery.clock.sleep(delivery.delayMillis, signal)
  if (delivery.fault === undefined) return response
  const fault: WireFault = wireFaults[delivery.fault]
  if (fault.inProcess === undefined) throw new SocketRequiredError(delivery.step)
  return fault.inProcess(response, signal)
}
