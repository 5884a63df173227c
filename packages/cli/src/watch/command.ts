/** `--exec`: a program that gets an alert on its standard input. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as ChildProcess from "effect/process/ChildProcess"
import { ChildProcessSpawner } from "effect/process/ChildProcessSpawner"
import * as CommandLine from "effect/process/CommandLine"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import { Misuse } from "../values/problems.ts"
import { eventToJson } from "./json.ts"
import type { Notice, Tell } from "./tell.ts"

const reasons: Readonly<Record<string, string>> = {
  NotFound: "there is no such program",
  PermissionDenied: "this user may not run it"
}

const limit = Duration.seconds(30)

/**
 * The words of the command, split as a shell splits them. The command runs without a shell, so `$`, `|`, `*` and the
 * like are refused. The event never becomes part of the command.
 */
const split = (text: string): Result.Result<ReadonlyArray<CommandLine.Word>, Misuse> =>
  CommandLine.template(Object.assign([text], { raw: [text] })).pipe(
    Result.mapError(({ message }) =>
      new Misuse({
        // The message quotes the characters that need a shell, one or two. A longer quotation would be words of the
        // command, so it is removed.
        problem: `--exec: ${
          message.replace(/ in template part 0$/, "").replaceAll(/"[^"]{3,}"/g, "\"…\"")
        }; with a shell: --exec "sh -c '…'"`
      })
    ),
    Result.filterOrFail((words) => words.length > 0, () => new Misuse({ problem: "--exec needs a command" }))
  )

export const teller = Effect.fnUntraced(function*(
  text: string,
  notice: Notice
): Effect.fn.Return<Tell, Misuse, ChildProcessSpawner> {
  const [program, ...args] = yield* Effect.fromResult(split(text))
  const spawner = yield* ChildProcessSpawner

  return (event) =>
    Effect.gen(function*() {
      const child = yield* spawner.spawn(ChildProcess.make(String(program), args, {
        stdin: Stream.encodeText(Stream.make(`${eventToJson(event)}\n`)),
        // The key is removed, because the program that gets the alert does not need it.
        env: { POLLO_API_KEY: undefined },
        extendEnv: true,
        forceKillAfter: "2 seconds"
      }))
      const printed = yield* child.all.pipe(
        Stream.decodeText,
        Stream.splitLines,
        Stream.runForEach((line) => notice(`--exec: ${line}`)),
        Effect.forkScoped
      )
      const code = yield* child.exitCode
      // Waits a moment for the last output of the command. A process that the command left running may hold the pipe
      // open for longer.
      yield* Effect.timeoutOption(Fiber.await(printed), "100 millis")
      if (code !== 0) yield* notice(`pollo-credits: the command of --exec exited with ${code}`)
    }).pipe(
      Effect.scoped,
      Effect.timeoutOrElse({
        duration: limit,
        orElse: () => notice(`pollo-credits: the command of --exec was stopped after ${Duration.format(limit)}`)
      }),
      // The words of the command are left out: they may hold a secret.
      Effect.catch(({ reason }) =>
        notice(`pollo-credits: the command of --exec failed: ${reasons[reason._tag] ?? "it was killed or broke off"}`)
      )
    )
})
