/** Child processes that answer each message with one message. */
import { type ChildProcess, fork } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"
import type { Cost, Round } from "./worker.ts"

const start = async (script: string, args: ReadonlyArray<string>) => {
  const child = fork(fileURLToPath(new URL(script, import.meta.url)), args, { execArgv: ["--no-warnings"] })
  const failed = once(child, "exit").then(([code]) => {
    throw new Error(`${script} ${args.join(" ")} ended with ${code}`)
  })
  const [message] = await Promise.race([once(child, "message"), failed])
  failed.catch(() => undefined)
  return { child, message }
}

const stop = (child: ChildProcess) => async () => {
  const ended = once(child, "exit")
  child.disconnect()
  await ended
}

export const startServer = async (): Promise<AsyncDisposable & { readonly url: string }> => {
  const { child, message } = await start("server.ts", [])
  const url = `http://127.0.0.1:${message.port}/api/platform/credit/balance`
  return { url, [Symbol.asyncDispose]: stop(child) }
}

export interface Worker extends AsyncDisposable {
  readonly run: (round: Round) => Promise<Cost>
}

export const startWorker = async (module: string, exported: string, url: string): Promise<Worker> => {
  const { child } = await start("worker.ts", [module, exported, url])
  const run = async (round: Round): Promise<Cost> => {
    child.send(round)
    const [cost] = await once(child, "message")
    return cost
  }
  return { run, [Symbol.asyncDispose]: stop(child) }
}
