/**
 * The client behind `NodeRedis`, where there is one. This is the one place that knows of it, and that works around two
 * things in `@effect/platform-node` 4.1 and `redis` 6.3:
 *
 * - `NodeRedis` ends with `client.close()`, which waits for every command that was sent, also for one whose caller has
 *   given up. While Redis is silent that wait has no end, and no program could be ended with SIGTERM.
 *   `Redis.reserve` does not help: it too waits for a connection that does not come.
 * - A client on a fixed address keeps its connection to a server that has become a replica, and every write fails.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"

interface Client {
  close(): Promise<unknown>
  destroy(): void
  sendCommand(args: ReadonlyArray<string>): Promise<unknown>
}

/** The tag of `@effect/platform-node/NodeRedis`, by its key: this package depends on effect alone. */
class NodeRedis extends Context.Service<NodeRedis, { readonly client: Client }>()("@effect/platform-node/NodeRedis") {}

export const find: Effect.Effect<Client | undefined> = Effect.contextWith((context) =>
  Effect.succeed(Option.getOrUndefined(Context.getOption(context, NodeRedis))?.client)
)

/**
 * From now on the end of the client does not wait for answers while `owes`. Its owner still decides when it ends: other
 * parts of the program may go on with it.
 */
export const endWithoutAnswers = (client: Client, owes: () => boolean): void => {
  const close = client.close.bind(client)
  client.close = () => {
    if (!owes()) return close()
    client.destroy()
    return Promise.resolve()
  }
}

/** Redis answers what was sent before, and closes the connection; the client then looks the address up again. */
export const reconnect = (client: Client): Effect.Effect<void> =>
  Effect.ignore(Effect.tryPromise(() => client.sendCommand(["QUIT"])))
