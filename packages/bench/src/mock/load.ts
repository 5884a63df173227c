import { execFile } from "node:child_process"
import { readFile } from "node:fs/promises"
import { createRequire } from "node:module"
import { promisify } from "node:util"
import type { Running } from "./contenders.ts"

export interface Load {
  readonly requestsPerSecond: number
  /** Milliseconds. */
  readonly p99: number
  /** Microseconds of processor time that the server spent on one request; where the system does not say, NaN. */
  readonly cpuPerRequest: number
}

const autocannon = createRequire(import.meta.url).resolve("autocannon")
const run = promisify(execFile)

/** Processor time of a process so far, in seconds: fields 14 and 15 of Linux's stat, in hundredths. */
const cpuSeconds = async (pid: number): Promise<number> => {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "")
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
  return (Number(fields[11]) + Number(fields[12])) / 100
}

/** Sends requests over that many connections for that many seconds, from a process of its own. */
export const load = async (server: Running, connections: number, seconds: number): Promise<Load> => {
  const before = await cpuSeconds(server.pid)
  const { stdout } = await run(process.execPath, [
    autocannon,
    "--json",
    "--no-progress",
    "--connections",
    String(connections),
    "--duration",
    String(seconds),
    "--headers",
    "x-api-key=bench",
    server.url
  ])
  const cpu = (await cpuSeconds(server.pid)) - before
  const { "2xx": answered, duration, errors, latency, non2xx } = JSON.parse(stdout)
  if (errors > 0 || non2xx > 0) throw new Error(`${server.url}: ${errors} errors, ${non2xx} answers other than 200`)
  return { requestsPerSecond: answered / duration, p99: latency.p99, cpuPerRequest: (cpu / answered) * 1e6 }
}
