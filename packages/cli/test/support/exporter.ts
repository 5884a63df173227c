/** An exporter of its own on a free port, as a process. */
import { once } from "node:events"
import { connect } from "node:net"
import { vi } from "vitest"
import { type Options, type Running, start } from "./cli.ts"

export interface Exporter extends Running, AsyncDisposable {
  readonly url: string
  readonly port: number
  readonly metrics: () => Promise<string>
}

export const startExporter = async (args: ReadonlyArray<string>, options: Options): Promise<Exporter> => {
  const running = start(["exporter", "--port", "0", ...args], options)
  const [, url = ""] = await vi.waitFor(() => {
    const said = /^pollo-credits exporter: (http:\S+)\/metrics$/m.exec(running.output.stderr)
    if (said === null) throw new Error(`it does not serve: ${running.output.stderr}`)
    return said
  }, { timeout: 15_000 })
  return {
    ...running,
    url,
    port: Number(new URL(url).port),
    metrics: async () => (await fetch(`${url}/metrics`)).text(),
    [Symbol.asyncDispose]: async () => {
      running.kill("SIGKILL")
      await running.ended
    }
  }
}

/** What comes back for bytes that no HTTP client would send. */
export const exchange = async (port: number, bytes: string): Promise<string> => {
  const socket = connect(port, "127.0.0.1")
  let answer = ""
  socket.setEncoding("latin1").on("data", (chunk: string) => (answer += chunk)).on("error", () => {})
  socket.end(bytes)
  await once(socket, "close")
  return answer
}

/** The figure of a metric, or nothing when there is no such line. */
export const figureOf = (metrics: string, name: string, labels = "account=\"default\""): number | undefined => {
  const line = metrics.split("\n").find((each) => each.startsWith(`${name}{${labels}} `))
  return line === undefined ? undefined : Number(line.split(" ").at(-1))
}
