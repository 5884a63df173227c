import { createAdaptorServer } from "@hono/node-server"
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response"
import { once } from "node:events"
import { Server, ServerResponse } from "node:http"
import type { Duplex } from "node:stream"
import type { App } from "../app.ts"
import type { Core } from "../core.ts"
import { Exchange } from "../exchange.ts"
import type { Delivery } from "../exchange.ts"
import type { Connection, Journal, RequestRecord } from "../journal.ts"
import { isLoopback } from "../loopback.ts"

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
  signal: AbortSignal,
  record: RequestRecord | undefined
): Promise<Response> => {
  try {
    if (delayMillis > 0) await clock.sleep(delayMillis, signal)
    if (fault === undefined) return response
    const socket = await connectionOf(outgoing, signal)
    await fault.onSocket({ response, clock, random, signal, outgoing, socket })
    record?.markFaulted()
  } catch (error) {
    if (!signal.aborted) throw error // Otherwise the client has gone, and there is nobody to answer.
  }
  return RESPONSE_ALREADY_SENT
}

/** Numbers the connections of a server, and notes when they close. */
const numberConnections = (server: Server, journal: Journal): WeakMap<Duplex, Connection> => {
  const connections = new WeakMap<Duplex, Connection>()
  server.on("connection", (socket) => {
    const connection = journal.connect()
    connections.set(socket, connection)
    socket.once("close", () => (connection.closedAt = Date.now()))
  })
  return connections
}

/** The app on Node's own HTTP/1.1 server, which does not listen yet. */
export const createHttpServer = (app: App, core: Core, hostname: string): Server => {
  const { adminToken, journal } = core
  const adminIsOn = adminToken !== undefined || isLoopback(hostname)
  const server = createAdaptorServer({
    hostname,
    overrideGlobalObjects: false,
    fetch: async (request, { incoming, outgoing }) => {
      const exchange = new Exchange(adminIsOn)
      const response = await app.fetch(request, exchange)
      if (!(outgoing instanceof ServerResponse)) return response
      const record = journal.record(exchange, request.method, connections.get(incoming.socket), outgoing)
      if (record !== undefined) outgoing.once("close", () => record.close(outgoing.writableFinished))
      const { delivery } = exchange
      return delivery === undefined ? response : deliver(delivery, response, outgoing, request.signal, record)
    }
  })
  if (!(server instanceof Server)) throw new Error("@hono/node-server made a server that does not speak HTTP/1.1")
  const connections = numberConnections(server, journal)
  return server
}
