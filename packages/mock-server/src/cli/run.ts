import * as nodeModule from "node:module"
import { greeting, parseCommand, unknownVariables, warningOf } from "./command.ts"
import type { Serve } from "./command.ts"
import { InvalidAccountError, ListenError } from "../values/errors.ts"
import type { ListeningServer } from "../transport/listen.ts"
import { printerOf, survivePrinting } from "./print.ts"
import type { Printer } from "./print.ts"

/** The exit codes, for scripts. A stop by a signal is not a failure. */
const exitCodes = { stopped: 0, cannotListen: 1, cannotPrint: 1, misuse: 2, killed: 128 + 15 }

/** SIGTERM lets answers finish, a second one does not. Ctrl-C never does: the person who presses it is waiting. */
const stopOnSignals = (running: ListeningServer, graceMillis: number): void => {
  process.once("SIGINT", () => process.exit(exitCodes.stopped))
  process.once("SIGTERM", () => {
    process.once("SIGTERM", () => process.exit(exitCodes.killed))
    void running.close({ graceMillis }).then(() => process.exit(exitCodes.stopped))
  })
}

const inTheFile = ({ key, message, problem }: InvalidAccountError, accounts: Serve["accounts"]): string => {
  const account = accounts.find((each) => each.key === key)
  return account === undefined ? message : account.source + problem
}

const serve = async (command: Serve, { complain, print }: Printer): Promise<void> => {
  const { createMockServer } = await import("../mock-server.ts")
  const accounts = Object.fromEntries(command.accounts.map(({ key, settings }) => [key, settings]))
  const server = createMockServer({ ...command.server, accounts })
  const warning = warningOf(command)
  const running = await server.listen(command.listen)
  stopOnSignals(running, command.graceMillis)
  if (warning !== undefined) complain(`warning: ${warning}`)
  void print(greeting(running, command))
  if (command.verbose) {
    const { requestLine } = await import("./request-line.ts")
    server.admin.subscribe((event) => {
      if (event.type !== "request" || event.request.outcome === "open") return
      void print(requestLine(event.request, process.stdout))
    })
  }
  // Saves the compiled code now, so that the next start is faster even if this process is killed. Node 20 and Deno have
  // no such function.
  if ("flushCompileCache" in nodeModule) nodeModule.flushCompileCache()
}

/**
 * The whole program, for a bin that hands on its arguments and its environment. It resolves once the server listens, or
 * has said why it does not; then `process.exitCode` says how it ended. Signals stop the server and the process.
 *
 * `program` is the command that was typed: each message on stderr begins with it.
 */
export const run = async (
  argv: ReadonlyArray<string>,
  env: Readonly<Record<string, string | undefined>>,
  program = "pollo-mock"
): Promise<void> => {
  survivePrinting()
  const printer = printerOf(program)
  const { complain, print } = printer
  const fail = (message: string, exitCode: number): void => {
    complain(message)
    process.exitCode = exitCode
  }
  const command = parseCommand(argv, env)
  if (command.kind === "print") {
    if (!await print(command.text)) process.exitCode = exitCodes.cannotPrint
  } else if (command.kind === "misuse") fail(`${command.message}. See ${program} --help`, exitCodes.misuse)
  else {
    for (const name of unknownVariables(env)) complain(`warning: ${name} is no option, and is ignored`)
    try {
      await serve(command, printer)
    } catch (error) {
      if (error instanceof ListenError) fail(error.message, exitCodes.cannotListen)
      else if (error instanceof InvalidAccountError) fail(inTheFile(error, command.accounts), exitCodes.misuse)
      else throw error
    }
  }
}
