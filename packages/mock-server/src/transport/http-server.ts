import { getRequestListener, RequestError } from "@hono/node-server"
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response"
import { once } from "node:events"
import { createServer, ServerResponse } from "node:http"
import type { IncomingMessage, Server } from "node:http"
import type { Duplex } from "node:stream"
import { balancePath, basePath, readMethods } from "../vendor/api.ts"
import type { App } from "../vendor/api.ts"
import { answerBalance, ownFailure, responseOf } from "../vendor/balance.ts"
import type { Core } from "../vendor/core.ts"
import { Exchange } from "../vendor/exchange.ts"
import type { Delivery } from "../vendor/exchange.ts"
import type { Journal } from "../journal/journal.ts"
import { isLoopback } from "../settings/listen-options.ts"
import type { ConnectionRecord, RequestRecord } from "../journal/request-record.ts"
import { json } from "../steps/step.ts"
import type { Answer } from "../steps/step.ts"
import { errorBody } from "../values/error-body.ts"

const balanceUrl = basePath + balancePath

// A server elsewhere in the process may have put its own Response in place of the global one before this module was
// loaded. Such a response is only recognised as "already sent" once its body has been looked at.
void RESPONSE_ALREADY_SENT.body

/**
 * The connection to answer on. A pipelined request gets it when all answers to the requests before it have been sent.
 */
const connectionOf = async (outgoing: ServerResponse, signal: AbortSignal) => {
  if (outgoing.socket === null) await once(outgoing, "socket", { signal })
  signal.throwIfAborted()
  if (outgoing.socket !== null) return outgoing.socket
  throw new Error("node:http gave an answer no connection")
}

/** Carries out what the handlers asked for, and then resolves to what is left for the adaptor to send. */
const deliver = async (
  { breaksAnswer, clock, delayMillis, fault, random }: Delivery,
  response: Response,
  outgoing: ServerResponse,
  signal: AbortSignal,
  record: RequestRecord | undefined,
  closing: AbortSignal
): Promise<Response> => {
  try {
    if (delayMillis > 0) await clock.sleep(delayMillis, signal)
    if (fault === undefined) return response
    const socket = await connectionOf(outgoing, signal)
    // A server that closes cuts a fault at once, because a hang never ends.
    const cut = (): void => void socket.destroy()
    closing.addEventListener("abort", cut)
    if (closing.aborted) cut()
    try {
      await fault.onSocket({ response, clock, random, signal, outgoing, socket })
    } finally {
      closing.removeEventListener("abort", cut)
    }
    if (breaksAnswer) record?.markFaulted()
  } catch (error) {
    if (!signal.aborted) throw error // Otherwise the client has gone, and there is nobody to answer.
  }
  return RESPONSE_ALREADY_SENT
}

/** Numbers the connections of a server, and notes when they close. */
const numberConnections = (server: Server, journal: Journal): WeakMap<Duplex, ConnectionRecord> => {
  const connections = new WeakMap<Duplex, ConnectionRecord>()
  server.on("connection", (socket) => {
    const connection = journal.connect(() => socket.readableEnded || socket.destroyed)
    connections.set(socket, connection)
    socket.once("close", () => (connection.closedAt = Date.now()))
  })
  return connections
}

const sendAnswer = ({ body, headers, status }: Answer, outgoing: ServerResponse): void => {
  if (body === null) outgoing.writeHead(status, headers).end()
  else outgoing.writeHead(status, { ...headers, "content-length": Buffer.byteLength(body) }).end(body)
}

/** Whether the connection has taken all of an answer that has been sent. */
const isOut = ({ socket }: ServerResponse): boolean =>
  socket !== null && !socket.destroyed && socket.writableLength === 0

const endOnClose = (record: RequestRecord | undefined, outgoing: ServerResponse): void => {
  if (record !== undefined) outgoing.once("close", () => record.close(outgoing.writableFinished))
}

const cutOn = (closing: AbortSignal, outgoing: ServerResponse): void => {
  const cut = (): void => void outgoing.destroy()
  closing.addEventListener("abort", cut)
  if (closing.aborted) cut()
  outgoing.once("close", () => closing.removeEventListener("abort", cut))
}

/** The adaptor checks any other `Host`, and refuses one that cannot be part of a URL. */
const usualHost = /^(?:[a-z\d.-]+|\[[a-f\d:.]+\])(?::\d{1,5})?$/i

/** The answer to a request that the app never gets to see, because no `Request` can be made of it. */
const refusal = (error: unknown): Response =>
  error instanceof RequestError ? new Response(null, { status: 400 }) : responseOf(ownFailure(error))

/** Answers a CONNECT. Without a listener for it, Node would close the connection without an answer. */
const refuseTunnel = (socket: Duplex): void => {
  const { body, headers } = json(405, errorBody(405, "CONNECT is not supported here: this is no proxy"), {
    connection: "close",
    allow: readMethods
  })
  const lines = Object.entries({ ...headers, "content-length": String(body?.length ?? 0) })
    .map(([name, value]) => `${name}: ${value}\r\n`)
  socket.on("error", () => socket.destroy())
  socket.end(`HTTP/1.1 405 Method Not Allowed\r\n${lines.join("")}\r\n${body ?? ""}`)
}

/**
 * The app on Node's own HTTP/1.1 server, which does not listen yet. When `closing` aborts, answers may still finish,
 * but faults are cut.
 */
export const createHttpServer = (
  app: App,
  core: Core,
  hostname: string,
  closing: AbortSignal = new AbortController().signal
): Server => {
  const { adminToken, journal } = core
  const adminIsOn = adminToken !== undefined || isLoopback(hostname)
  const recordOf = (
    exchange: Exchange,
    method: string,
    connection: ConnectionRecord | undefined,
    sending: ServerResponse
  ): RequestRecord | undefined => {
    const record = journal.record(exchange, method, { connection, sending })
    if (record?.overlaps) setImmediate(() => record.recount())
    return record
  }
  /**
   * The fast path for the usual request: a GET of the balance with a key, from Node's request straight to Node's
   * response. The layers that it skips take as long as all the rest. A step with a delay or a fault is left to the
   * route.
   */
  const answersAtOnce = (incoming: IncomingMessage, outgoing: ServerResponse): boolean => {
    if (incoming.url !== balanceUrl || incoming.method !== "GET") return false
    const { host = "", origin, "x-api-key": key } = incoming.headers
    if (typeof key !== "string" || key === "" || origin !== undefined || !usualHost.test(host)) return false
    const tenant = core.tenants.get(key)
    const { delay, fault } = tenant.nextStep
    if (delay !== undefined || fault !== undefined) return false
    const exchange = new Exchange(adminIsOn)
    exchange.path = balanceUrl
    exchange.tenant = tenant
    const answer = answerBalance(core, tenant, exchange, `http://${host}${balanceUrl}`)
    const record = recordOf(exchange, "GET", connections.get(incoming.socket), outgoing)
    sendAnswer(answer, outgoing)
    if (isOut(outgoing)) record?.end("sent", answer.status)
    else endOnClose(record, outgoing)
    return true
  }
  const listener = getRequestListener(
    async (request, { incoming, outgoing }) => {
      const exchange = new Exchange(adminIsOn)
      const response = await app.fetch(request, exchange)
      if (!(outgoing instanceof ServerResponse)) return response
      const record = recordOf(exchange, request.method, connections.get(incoming.socket), outgoing)
      endOnClose(record, outgoing)
      if (exchange.isEndless) cutOn(closing, outgoing)
      const { delivery } = exchange
      return delivery === undefined ? response : deliver(delivery, response, outgoing, request.signal, record, closing)
    },
    { hostname, overrideGlobalObjects: false, errorHandler: refusal }
  )
  const server = createServer((incoming, outgoing) => {
    if (!answersAtOnce(incoming, outgoing)) listener(incoming, outgoing).catch(() => outgoing.destroy())
  })
  server.on("connect", (_incoming, socket) => refuseTunnel(socket))
  const connections = numberConnections(server, journal)
  return server
}
