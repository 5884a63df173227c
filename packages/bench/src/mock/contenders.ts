import { spawn } from "node:child_process"
import { once } from "node:events"
import { createRequire } from "node:module"
import { createServer } from "node:net"
import { dirname, join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"

/** A server to be measured, in a process of its own. */
export interface Contender {
  readonly name: string
  /** The arguments to Node that start it on that port. */
  readonly args: (port: string) => ReadonlyArray<string>
  readonly path: string
}

export interface Running extends AsyncDisposable {
  readonly url: string
  readonly pid: number
}

const { resolve } = createRequire(import.meta.url)
const here = (path: string): string => join(import.meta.dirname, path)
const inPackage = (name: string, path: string): string => join(dirname(resolve(`${name}/package.json`)), path)

/** The mock server's program and its OpenAPI document, in its package. */
export const bin = inPackage("@effect-pollo/mock-server", "src/bin.ts")
const spec = inPackage("@effect-pollo/mock-server", "spec/openapi.json")
const balancePath = "/api/platform/credit/balance"

export const bareHttp: Contender = {
  name: "bare node:http",
  args: (port) => [here("servers/bareHttp.ts"), port],
  path: balancePath
}

export const bareHono: Contender = {
  name: "bare Hono app",
  args: (port) => [here("servers/bareHono.ts"), port],
  path: balancePath
}

export const polloMock: Contender = {
  name: "pollo-mock, journal on",
  args: (port) => [bin, "--port", port],
  path: balancePath
}

/** Prism with as little output as possible, because printing is not part of the comparison. */
export const prism: Contender = {
  name: "Prism",
  args: (port) => [
    inPackage("@stoplight/prism-cli", "dist/index.js"),
    "mock",
    `--port=${port}`,
    "--verboseLevel=silent",
    spec
  ],
  path: "/credit/balance"
}

export const mockoon: Contender = {
  name: "Mockoon",
  args: (port) => [
    inPackage("@mockoon/cli", "bin/run.js"),
    "start",
    `--data=${spec}`,
    `--port=${port}`,
    "--disable-log-to-file"
  ],
  path: balancePath
}

export const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, "127.0.0.1")
  await once(server, "listening")
  const address = server.address()
  server.close()
  await once(server, "close")
  if (address === null || typeof address === "string") throw new Error("no port is free")
  return address.port
}

/** Starts a server and waits until it answers 200. */
export const start = async (contender: Contender): Promise<Running> => {
  const port = await freePort()
  const child = spawn(process.execPath, contender.args(String(port)), { stdio: ["ignore", "ignore", "inherit"] })
  const { pid } = child
  if (pid === undefined) throw new Error(`${contender.name} did not start`)
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill("SIGKILL")
    await once(child, "exit")
  }
  const url = `http://127.0.0.1:${port}${contender.path}`
  for (const deadline = Date.now() + 30_000; Date.now() < deadline; await sleep(20)) {
    if (child.exitCode !== null) throw new Error(`${contender.name} exited with ${child.exitCode}`)
    const response = await fetch(url, { headers: { "x-api-key": "bench" } }).catch(() => undefined)
    await response?.text()
    if (response?.status === 200) return { url, pid, [Symbol.asyncDispose]: stop }
  }
  await stop()
  throw new Error(`${contender.name} did not answer within 30 s`)
}
