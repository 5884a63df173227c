/** A real redis-server for tests that need one: a port of its own on loopback, nothing written to disk. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import { createServer } from "node:net"
import { tmpdir } from "node:os"

/** Tests that need Redis are skipped where this is false, and say so in their names. */
export const redisAvailable: boolean = spawnSync("redis-server", ["--version"]).status === 0

export interface RedisServer extends AsyncDisposable {
  readonly port: number
  /** What `NodeRedis.layer({ url })` connects to. */
  readonly url: string
  /** Asks the server to end, and waits until it has. */
  stop(): Promise<void>
  /** Starts it again on the same port, empty; ends it first when it runs. */
  restart(): Promise<void>
  /** Ends it with SIGKILL, as a crash would. */
  kill(): Promise<void>
}

/** Starts a server and waits until it answers. It never outlives the test process. */
export const startRedis = async (): Promise<RedisServer> => {
  for (let attempt = 1;; attempt++) {
    const port = await freePort()
    try {
      return serve(port, await launch(port))
    } catch (error) {
      // Another process may have taken the port since it was found free.
      if (attempt === 5) throw error
    }
  }
}

const serve = (port: number, first: ChildProcess): RedisServer => {
  let child = first
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, "exit")
    child.kill(signal)
    await exited
  }
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    stop: () => end("SIGTERM"),
    kill: () => end("SIGKILL"),
    restart: async () => {
      await end("SIGTERM")
      child = await launch(port)
    },
    [Symbol.asyncDispose]: () => end("SIGKILL")
  }
}

const launch = (port: number): Promise<ChildProcess> =>
  new Promise((resolve, reject) => {
    const child = spawn(
      "redis-server",
      ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", tmpdir()],
      { stdio: ["ignore", "pipe", "pipe"] }
    )
    const killWithUs = () => child.kill("SIGKILL")
    process.once("exit", killWithUs)
    let log = ""
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      log = (log + text).slice(-4096)
      if (log.includes("Ready to accept connections")) resolve(child)
    })
    child.stderr.resume()
    child.once("error", reject)
    child.once("exit", () => {
      process.removeListener("exit", killWithUs)
      reject(new Error(`redis-server on port ${port} ended before it was ready:\n${log}`))
    })
  })

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, "127.0.0.1")
  await once(server, "listening")
  const address = server.address()
  server.close()
  await once(server, "close")
  if (address === null || typeof address === "string") throw new Error("no port on loopback")
  return address.port
}
