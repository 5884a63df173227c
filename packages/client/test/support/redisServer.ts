/** A real redis-server for tests that need one: a port of its own on loopback, a directory of its own. */
import { execFile, spawnSync } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, rm } from "node:fs/promises"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import * as guarded from "./guarded.ts"

/** Tests that need Redis are skipped where this is false, and say so in their names. */
export const redisAvailable: boolean = spawnSync("redis-server", ["--version"]).status === 0

export interface RedisServer extends AsyncDisposable {
  readonly port: number
  /** What `NodeRedis.layer({ url })` connects to. */
  readonly url: string
  readonly directory: string
  /** Runs a command with redis-cli. A refusal is an answer too. */
  cli(...args: ReadonlyArray<string>): Promise<string>
  /** Asks the server to end, and waits until it has. */
  stop(): Promise<void>
  /** Starts it again on the same port, with what it has written to its directory; ends it first when it runs. */
  restart(settings?: Settings): Promise<void>
  /** Ends it with SIGKILL, as a crash would. */
  kill(): Promise<void>
  /** Stops it silently, as a hung machine would. */
  pause(): void
  resume(): void
}

export interface Settings {
  /** Arguments of redis-server. Without any it writes nothing to disk. */
  readonly args?: ReadonlyArray<string>
  readonly env?: Readonly<Record<string, string>>
}

const run = promisify(execFile)

/** Starts a server and waits until it answers. It never outlives the test process. */
export const startRedis = async (settings: Settings = {}): Promise<RedisServer> => {
  const directory = await mkdtemp(join(tmpdir(), "pollo-redis-"))
  for (let attempt = 1;; attempt++) {
    const port = await freePort()
    try {
      return serve(port, directory, settings, await launch(port, directory, settings))
    } catch (error) {
      // Another process may have taken the port since it was found free.
      if (attempt < 5) continue
      await rm(directory, { recursive: true, force: true })
      throw error
    }
  }
}

const serve = (port: number, directory: string, settings: Settings, first: guarded.Guarded): RedisServer => {
  let process = first
  const end = async (signal: NodeJS.Signals) => {
    process.kill(signal)
    await process.exited
  }
  return {
    port,
    directory,
    url: `redis://127.0.0.1:${port}`,
    cli: async (...args) => {
      const { stdout } = await run("redis-cli", ["-p", String(port), ...args], { timeout: 10_000 })
      return stdout.trim()
    },
    stop: () => end("SIGTERM"),
    kill: () => end("SIGKILL"),
    pause: () => process.kill("SIGSTOP"),
    resume: () => process.kill("SIGCONT"),
    restart: async (next = settings) => {
      await end("SIGTERM")
      process = await launch(port, directory, next)
    },
    [Symbol.asyncDispose]: async () => {
      await end("SIGKILL")
      await rm(directory, { recursive: true, force: true, maxRetries: 3 })
    }
  }
}

const launch = async (port: number, directory: string, { args = [], env }: Settings): Promise<guarded.Guarded> => {
  const process = await guarded.start(
    "redis-server",
    [
      "--port",
      String(port),
      "--bind",
      "127.0.0.1",
      "--dir",
      directory,
      "--save",
      "",
      "--appendonly",
      "no",
      "--repl-diskless-sync-delay",
      "0",
      ...args
    ],
    env
  )
  await process.printed((log) => log.includes("Ready to accept connections"))
  return process
}

/** A port that was free a moment ago. */
export const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, "127.0.0.1")
  await once(server, "listening")
  const address = server.address()
  server.close()
  await once(server, "close")
  if (address === null || typeof address === "string") throw new Error("no port on loopback")
  return address.port
}
