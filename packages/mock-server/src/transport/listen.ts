import type { Server } from "node:http"
import type { App } from "../vendor/api.ts"
import { basePath } from "../vendor/api.ts"
import type { Core } from "../vendor/core.ts"
import { graceOf, maxTimerMillis } from "../values/checks.ts"
import { ListenError } from "../values/errors.ts"
import { resolveListenOptions } from "../settings/listen-options.ts"
import type { ListenOptions } from "../settings/listen-options.ts"
import { createHttpServer } from "./http-server.ts"
import type { StreamsServer } from "./streams.ts"

/** A server that listens. */
export interface ListeningServer extends AsyncDisposable {
  /** The origin, such as `http://127.0.0.1:4010`. */
  readonly url: string
  /** What a client's base URL must be: `url` and the base path of the API. */
  readonly baseUrl: string
  readonly port: number
  /**
   * Stops listening, gives requests that are being answered `graceMillis` (0 unless set, `Infinity` for as long as they
   * take) to finish, and then cuts every connection that is left. Faults are cut at once: a hang never finishes.
   * Calling it again changes nothing. Rejects with an `InvalidOptionError`, and closes nothing, for an invalid grace.
   */
  readonly close: (options?: { readonly graceMillis?: number | undefined }) => Promise<void>
}

const listening = (server: Server, port: number, host: string): Promise<void> =>
  new Promise((resolve, reject) => {
    // This listener stays: once the server listens there is nothing left to reject, but an error without a listener
    // would end the process.
    server.on("error", (error) => reject(new ListenError(host, port, error)))
    server.listen(port, host, resolve)
  })

/** The address to reach the server at: a wildcard host accepts connections, but is no address to connect to. */
const urlOf = (host: string, port: number): string => {
  const reachable = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host
  return `http://${reachable.includes(":") ? `[${reachable}]` : reachable}:${port}`
}

const drained = (server: Server, graceMillis: number): Promise<void> =>
  new Promise((resolve) => {
    // Node would keep a connection whose answer has been sent, for the client's next request.
    const idle = setInterval(() => server.closeIdleConnections(), 10)
    // A timer that is set for more than 24 days would fire at once.
    const cut = setTimeout(() => server.closeAllConnections(), Math.min(graceMillis, maxTimerMillis))
    server.close(() => {
      clearInterval(idle)
      clearTimeout(cut)
      resolve()
    })
  })

/** Serves the app over connections in memory. Few programs do, so the code for it is loaded here. */
export const listenOverStreams = async (app: App, core: Core): Promise<StreamsServer> =>
  (await import("./streams.ts")).listenOverStreams(app, core)

/** Opens a port for the app. */
export const listen = async (
  app: App,
  core: Core,
  options: ListenOptions
): Promise<ListeningServer> => {
  const { host, port } = resolveListenOptions(options)
  const closing = new AbortController()
  const server = createHttpServer(app, core, host, closing.signal)
  await listening(server, port, host)
  const address = server.address()
  const actualPort = address !== null && typeof address === "object" ? address.port : port
  const url = urlOf(host, actualPort)
  let closed: Promise<void> | undefined
  const close = async ({ graceMillis = 0 }: { readonly graceMillis?: number | undefined } = {}): Promise<void> => {
    const grace = graceOf("graceMillis", graceMillis)
    closing.abort()
    return closed ??= drained(server, grace)
  }
  return { url, baseUrl: url + basePath, port: actualPort, close, [Symbol.asyncDispose]: () => close() }
}
