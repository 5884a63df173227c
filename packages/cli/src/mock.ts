/** Starts the mock server, with its own command line: what it prints, checks and does with signals is its own. */
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
    // It has said why it does not listen, and its own exit codes mean something else here.
    if (process.exitCode === 1) return yield* new Reported({ exit: "Setup" })
    if (process.exitCode === 2) return yield* new Reported({ exit: "Misuse" })
    return yield* Effect.never
  }).pipe(
    // It ends the process by itself when a signal comes, after the answers that are under way.
    Effect.uninterruptible
  )

const packageName = "@effect-pollo/mock-server"

/** The package is optional: that it is missing is told apart from a fault inside it. */
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
