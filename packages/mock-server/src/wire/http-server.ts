import { createAdaptorServer } from "@hono/node-server"
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response"
import { once } from "node:events"
import { Server, ServerResponse } from "node:http"
import type { App } from "../app.ts"
import { Exchange } from "../exchange.ts"
import type { Delivery } from "../exchange.ts"

// A server elsewhere in the process may have put its own Response in place of the global one before this module was
// loaded. Such a response is only recognised as "already sent" once its body has been looked at.
void RESPONSE_ALREADY_SENT.body

/** A pipelined request has no connection to answer on before every answer to those before it is out. */
const connectionOf = async (outgoing: ServerResponse, signal: AbortSignal) => {
  if (outgoing.socket === null) await once(outgoing, "socket", { signal })
  signal.throwIfAborted()
  if (outgoing.socket !== null) return outgoing.socket
  throw new Error("node:http gave an answer no connection")
}

/** Carries out what the handlers asked for, and then resolves to what is left for the adaptor to send. */
const deliver = async (
  { clock, delayMillis, fault, random }: Delivery,
  response: Response,
  outgoing: ServerResponse,
  signal: AbortSignal
): Promise<Response> => {
  try {
    if (delayMillis > 0) await clock.sleep(delayMillis, signal)
    if (fault === undefined) return response
    const socket = await connectionOf(outgoing, signal)
    await fault.onSocket({ response, clock, random, signal, outgoing, socket })
  } catch (error) {
    if (!signal.aborted) throw error // Otherwise the client has gone, and there is nobody to answer.
  }
  return RESPONSE_ALREADY_SENT
}

/** The app on Node's own HTTP/1.1 server, which does not listen yet. */
export const createHttpServer = (app: App, hostname: string): Server => {
  const server = createAdaptorServer({
    hostname,
    overrideGlobalObjects: false,
    fetch: async (request, { outgoing }) => {
      const exchange = new Exchange()
      const response = await app.fetch(request, exchange)
      const { delivery } = exchange
      if (delivery === undefined || !(outgoing instanceof ServerResponse)) return response
      return deliver(delivery, response, outgoing, request.signal)
    }
  })
  if (server instanceof Server) return server
  throw new Error("@hono/node-server made a server that does not speak HTTP/1.1")
}
