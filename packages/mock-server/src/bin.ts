#!/usr/bin/env node
import { greeting, parseCommand } from "./cli.ts"
import { ListenError } from "./errors.ts"
import type { ListenOptions } from "./listen.ts"
import { createMockServer } from "./mock-server.ts"

const fail = (message: string, exitCode: number): void => {
  process.stderr.write(`pollo-mock: ${message}\n`)
  process.exitCode = exitCode
}

const serve = async (options: ListenOptions): Promise<void> => {
  const running = await createMockServer().listen(options)
  const stop = (): void => void running.close().then(() => process.exit(0))
  process.once("SIGINT", stop)
  process.once("SIGTERM", stop)
  process.stdout.write(`${greeting(running)}\n`)
}

const command = parseCommand(process.argv.slice(2), process.env)
if (command.kind === "print") process.stdout.write(`${command.text}\n`)
else if (command.kind === "misuse") fail(`${command.message}. See pollo-mock --help`, 2)
else {
  try {
    await serve(command.listen)
  } catch (error) {
    if (!(error instanceof ListenError)) throw error
    fail(error.message, 1)
  }
}
