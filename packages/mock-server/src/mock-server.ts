import { createAdmin } from "./admin/admin.ts"
import type { Admin } from "./admin/admin-calls.ts"
import { createApp } from "./app.ts"
import { createCore } from "./vendor/core.ts"
import type { Core } from "./vendor/core.ts"
import { asFetch } from "./transport/fetch.ts"
import type { Fetch } from "./transport/fetch.ts"
import { answerInProcess } from "./transport/in-process.ts"
import type { ListeningServer } from "./transport/listen.ts"
import type { ListenOptions } from "./settings/listen-options.ts"
import type { MockServerOptions } from "./settings/settings.ts"
import type { StreamsServer } from "./transport/streams.ts"

/** The mock server, with a port or without one. */
export interface MockServer {
  /**
   * Answers a request in process, without a port. Give it to a client in place of the global `fetch`, whose signature
   * it has. It needs no `this`, and rejects with the reason of the signal when that aborts before there is an answer.
   *
   * Rejects with a `SocketRequiredError` for a step that only a socket can show, such as `reset`.
   */
  readonly fetch: Fetch
  /**
   * Opens a port; it shares its keys with `fetch` and with every other port of this server. Needs Node's `http`.
   *
   * Rejects with an `InvalidOptionError` for an invalid port, and with a `ListenError` when the port cannot be had.
   */
  readonly listen: (options?: ListenOptions) => Promise<ListeningServer>
  /**
   * Serves connections in memory, for which no port is opened; it shares its keys with `fetch` and with every port.
   * Faults that need a socket can be seen here. Needs Node's `http`.
   *
   * @experimental
   */
  readonly listenOverStreams: () => Promise<StreamsServer>
  /** Sets what each key gets and asks what it did. Every call of the HTTP admin API is a method here. */
  readonly admin: Admin
}

/** A server on a state that exists already. */
export const serverOf = (core: Core): MockServer => {
  const app = createApp(core)
  return {
    admin: createAdmin(core),
    fetch: asFetch((request) => answerInProcess(app, core, request)),
    // Loaded when it is asked for, so that `fetch` alone runs where there is no `node:http`.
    listen: async (listenOptions = {}) => (await import("#listen")).listen(app, core, listenOptions),
    listenOverStreams: async () => (await import("#listen")).listenOverStreams(app, core)
  }
}

/**
 * A server that speaks the Pollo AI credits API. Each `x-api-key` is a tenant of its own, and the key says what its
 * requests get: see the table of steps in the README.
 *
 * @throws InvalidOptionError naming the option that cannot be used
 * @example
 * const server = createMockServer()
 * const request = new Request("http://mock/api/platform/credit/balance", { headers: { "x-api-key": "mock_ok" } })
 * const balance = await (await server.fetch(request)).json()
 */
export const createMockServer = (options: MockServerOptions = {}): MockServer => serverOf(createCore(options))
