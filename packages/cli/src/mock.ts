import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import { writeLine } from "./print.ts"
import { MockCannotListen, MockNotInstalled } from "./problems.ts"
import { reporting } from "./report.ts"

export interface MockFlags {
  readonly host: string
  readonly port: number
}

export const run = (flags: MockFlags) => Effect.scoped(serve(flags)).pipe(reporting(Effect.undefined))

const serve = Effect.fnUntraced(function*({ host, port }: MockFlags) {
  const { createMockServer } = yield* installed
  const { baseUrl } = yield* Effect.acquireRelease(
    Effect.tryPromise({
      try: () => createMockServer().listen({ host, port }),
      catch: (error) => new MockCannotListen({ problem: error instanceof Error ? error.message : String(error) })
    }),
    (server) => Effect.promise(() => server.close())
  )
  yield* writeLine(
    `export POLLO_BASE_URL=${baseUrl}\nexport POLLO_API_KEY=mock_ok\n# The key chooses the answer. Ctrl-C stops the server.`
  )
  return yield* Effect.never
})

const packageName = "@effect-pollo/mock-server"

/** The package is optional: that it is missing is told apart from a fault inside it. */
const installed = Effect.tryPromise({
  try: () => import("@effect-pollo/mock-server"),
  catch: (error) => error
}).pipe(
  Effect.catch((error) =>
    Predicate.hasProperty(error, "code") && error.code === "ERR_MODULE_NOT_FOUND" &&
      String(error).includes(`'${packageName}'`)
      ? Effect.fail(new MockNotInstalled())
      : Effect.die(error)
  )
)
