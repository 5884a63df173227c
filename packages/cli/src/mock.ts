import { PolloConfigError } from "@effect-pollo/client"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import { printable } from "./values/figures.ts"
import { writeLine } from "./output/print.ts"
import { MockCannotListen, MockNotInstalled } from "./values/problems.ts"
import { reporting } from "./output/report.ts"

export interface MockFlags {
  readonly host: string
  readonly port: number
}

const loopback = /^(?:localhost|127(?:\.\d{1,3}){3}|\[?::1\]?)$/i

const warning = (host: string, adminToken: string | undefined): string =>
  `pollo-credits: warning: other machines can reach ${printable(host)}${
    adminToken === undefined
      ? ", so the admin API is off; POLLO_MOCK_ADMIN_TOKEN switches it on"
      : "; the admin API asks for its token"
  }`

export const run = (flags: MockFlags) => Effect.scoped(serve(flags)).pipe(reporting(Effect.undefined))

/** The same variable, read the same way, as that of `pollo-mock`: an empty one is unset. */
const adminTokenInUse = Effect.suspend(() => {
  const token = process.env["POLLO_MOCK_ADMIN_TOKEN"] ?? ""
  if (token === "") return Effect.undefined
  return /^[!-~]+$/.test(token)
    ? Effect.succeed(token)
    : new PolloConfigError({ field: "POLLO_MOCK_ADMIN_TOKEN", problem: "must be visible ASCII without white space" })
})

const serve = Effect.fnUntraced(function*({ host, port }: MockFlags) {
  const { createMockServer } = yield* installed
  const adminToken = yield* adminTokenInUse
  const { baseUrl } = yield* Effect.acquireRelease(
    Effect.tryPromise({
      try: () => createMockServer({ adminToken }).listen({ host, port }),
      catch: (error) => new MockCannotListen({ problem: error instanceof Error ? error.message : String(error) })
    }),
    (server) => Effect.promise(() => server.close())
  )
  if (!loopback.test(host)) yield* Console.error(warning(host, adminToken))
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
