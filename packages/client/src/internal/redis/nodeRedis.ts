/**
 * The client behind `NodeRedis`, if there is one. Only this module uses that client. It works around two problems of
 * `@effect/platform-node` 4.1 and `redis` 6.3:
 *
 * - `NodeRedis` ends with `client.close()`, which waits for every command that was sent, even if its caller has given
 *   up. While Redis is silent that wait never ends, so SIGTERM could not end the program. `Redis.reserve` does not
 *   help, because it waits for a connection too.
 * - A client on a fixed address keeps its connection to a server that has become a replica, and then every write
 *   fails.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"

interface Client {
  close(): Promise<unknown>
  destroy(): void
  sendCommand(args: ReadonlyArray<string>): Promise<unknown>
}

/** The tag of `@effect/platform-node/NodeRedis`, made from its key, because this package depends only on effect. */
class NodeRedis extends Context.Service<NodeRedis, { readonly client: Client }>()("@effect/platform-node/NodeRedis") {}

export const find: Effect.Effect<Client | undefined> = Effect.contextWith((context) =>
  Effect.succeed(Option.getOrUndefined(Context.getOption(context, NodeRedis))?.client)
)

/**
 * Changes the client so that closing it does not wait for answers while `owes` returns true. The owner of the client
 * still decides when to close it, because other parts of the program may use it.
 */
export const endWithoutAnswers = (client: Client, owes: () => boolean): void => {
  const close = client.close.bind(client)
  client.close = () => {
    if (!owes()) return close()
    client.destroy()
    return Promise.resolve()
  }
}

/**
 * Asks Redis to close the connection after it has answered all commands; the client then resolves the address again.
 */
export const reconnect = (client: Client): Effect.Effect<void> =>
  Effect.ignore(Effect.tryPromise(() => client.sendCommand(["QUIT"])))
