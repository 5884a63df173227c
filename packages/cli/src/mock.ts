/**
 * Starts the mock server with the mock server's own command line: it prints, checks its flags and handles signals
 * itself.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import { endWith, Reported } from "./output/report.ts"
import { MockNotInstalled } from "./values/problems.ts"

export interface MockFlags {
  readonly host: Option.Option<string>
  readonly port: Option.Option<number>
}

export const run = ({ host, port }: MockFlags) =>
  Effect.gen(function*() {
    const { run } = yield* Effect.catchTag(installed, "MockNotInstalled", (missing) => endWith(missing))
    const args = [
      ...Option.isSome(port) ? [`--port=${port.value}`] : [],
      ...Option.isSome(host) ? [`--host=${host.value}`] : []
    ]
    yield* Effect.promise(() => run(args, process.env, "pollo-credits mock"))
    // The mock server has said why it does not listen. Its exit code would mean something else here, so it is replaced.
    if (process.exitCode === 1) return yield* new Reported({ exit: "Setup" })
    if (process.exitCode === 2) return yield* new Reported({ exit: "Misuse" })
    return yield* Effect.never
  }).pipe(
    // The mock server ends the process itself when a signal comes, after the answers that are under way.
    Effect.uninterruptible
  )

const packageName = "@effect-pollo/mock-server"

/** The package is optional. A missing package is told apart from an error inside it. */
const installed = Effect.tryPromise({
  try: () => import("@effect-pollo/mock-server/cli"),
  catch: (error) => error
}).pipe(
  Effect.catch((error) =>
    Predicate.hasProperty(error, "code") && error.code === "ERR_MODULE_NOT_FOUND" &&
      String(error).includes(`'${packageName}'`)
      ? Effect.fail(new MockNotInstalled())
      : Effect.die(error)
  )
)
