/**
 * The mock server as an Effect service, for tests.
 *
 * The only module of this package that needs `effect`, version 4.1 or later.
 *
 * @example
 * import { MockServer } from "@effect-pollo/mock-server/effect"
 *
 * const program = Effect.gen(function*() {
 *   const mock = yield* MockServer
 *   const key = yield* mock.freshKey("503_x2", "ok")
 *   // … call the API at mock.baseUrl with that key …
 *   const { requests } = yield* mock.admin.requests({ key })
 *   assert.strictEqual(requests.length, 3)
 * })
 *
 * program.pipe(Effect.provide(MockServer.layer()))
 */
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Layer from "effect/Layer"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"
import { methodsOf } from "./admin/calls.ts"
import type { Admin, AdminCalls, ResultKind } from "./admin/admin-calls.ts"
import { basePath } from "./vendor/api.ts"
import type { MockServerEvent } from "./vendor/core.ts"
import { AdminError, InvalidOptionError, ListenError } from "./values/errors.ts"
import { FreshKeys } from "./steps/fresh-keys.ts"
import type { ListenOptions } from "./settings/listen-options.ts"
import { createMockServer } from "./mock-server.ts"
import type { MockServer as PlainServer } from "./mock-server.ts"
import type { MockServerOptions } from "./settings/settings.ts"

type Refusal = AdminError | InvalidOptionError | ListenError

/**
 * What the server was asked for and cannot do. The `cause` says more: an `InvalidOptionError` names the option, a
 * `ListenError` has the `code` of the system, an `AdminError` the `status` and the `issues` of the admin API.
 */
export class MockServerError extends Data.TaggedError("MockServerError")<{
  readonly message: string
  readonly cause: Refusal
}> {}

const isRefusal = (error: unknown): error is Refusal =>
  error instanceof AdminError || error instanceof InvalidOptionError || error instanceof ListenError

const refused = (error: unknown): Effect.Effect<never, MockServerError> =>
  isRefusal(error)
    ? Effect.fail(new MockServerError({ message: error.message, cause: error }))
    : Effect.die(error)

const attempt = <A>(run: () => A | Promise<A>): Effect.Effect<A, MockServerError> =>
  Effect.tryPromise({ try: async () => run(), catch: (error) => error }).pipe(Effect.catch(refused))

export interface Effects extends ResultKind {
  readonly type: Effect.Effect<this["Answer"], MockServerError>
}

/** The admin API: the methods of `Admin`, one to one, as effects. */
export type MockAdmin = AdminCalls<Effects>

/** Lifts each method as it is, whatever its arguments. */
const adminOf = (admin: Admin): MockAdmin =>
  methodsOf<Effects>((name) => (...args) => attempt(() => Reflect.apply(admin[name], admin, args)))

const eventsOf = (admin: Admin): Stream.Stream<MockServerEvent> =>
  Stream.callback((queue) =>
    Effect.acquireRelease(
      Effect.sync(() => admin.subscribe((event) => void Queue.offerUnsafe(queue, event))),
      (unsubscribe) => Effect.sync(unsubscribe)
    )
  )

/**
 * A server that speaks the Pollo AI credits API, for as long as the layer's scope is open.
 *
 * @category services
 */
export class MockServer extends Context.Service<MockServer, {
  /** The origin. */
  readonly url: string
  /** The client's base URL. */
  readonly baseUrl: string
  /** Answers a request in process, without a port. */
  readonly fetch: PlainServer["fetch"]
  readonly admin: MockAdmin
  /** Every request as it arrives and ends, and every change, from when the stream is run. */
  readonly events: Stream.Stream<MockServerEvent>
  /**
   * A key that nobody has used yet, and whose requests get these steps, the last one for ever:
   * `freshKey("503_x2", "ok")`. Without any, they get the balance. Fails for an unknown step.
   */
  readonly freshKey: (...steps: ReadonlyArray<string>) => Effect.Effect<string, MockServerError>
}>()("@effect-pollo/mock-server/MockServer") {
  /**
   * A server on a port of its own: any free one of 127.0.0.1 unless told. It is closed with the scope.
   *
   * @category layers
   */
  static readonly layer = (
    { host, port, ...options }: MockServerOptions & ListenOptions = {}
  ): Layer.Layer<MockServer, MockServerError> =>
    Layer.effect(
      MockServer,
      Effect.gen(function*() {
        const server = yield* attempt(() => createMockServer(options))
        const { url } = yield* Effect.acquireRelease(
          attempt(() => server.listen({ host, port })),
          (running) => Effect.promise(() => running.close())
        )
        return make(server, url)
      })
    )

  /**
   * A server without a port, and `FetchHttpClient.Fetch` that leads to it, whatever the URL: give it to
   * `FetchHttpClient.layer`. Steps that only a socket can show fail with the server's `SocketRequiredError`.
   *
   * @category layers
   */
  static readonly layerFetch = (options: MockServerOptions = {}): Layer.Layer<MockServer, MockServerError> =>
    Layer.effectContext(
      Effect.map(
        attempt(() => createMockServer(options)),
        (server) =>
          Context.make(MockServer, make(server, inProcessUrl)).pipe(
            Context.add(FetchHttpClient.Fetch, server.fetch)
          )
      )
    )
}

/** Where clients without a port send their requests: of this machine, so that a client may go without TLS. */
const inProcessUrl = "http://localhost"

const make = (server: PlainServer, url: string): MockServer["Service"] => {
  const keys = new FreshKeys()
  return {
    url,
    baseUrl: url + basePath,
    fetch: server.fetch,
    admin: adminOf(server.admin),
    events: eventsOf(server.admin),
    freshKey: (...steps) => attempt(() => keys.next(...steps))
  }
}
