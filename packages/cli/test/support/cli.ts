/** Runs the program as a shell does: a process of its own, with nothing in its environment but what is given. */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { closeSync, openSync } from "node:fs"
import { fileURLToPath } from "node:url"

export const bin = fileURLToPath(new URL("../../src/bin.ts", import.meta.url))

export interface Ended {
  /** The exit code, or null when a signal ended the process. */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface Running {
  readonly output: { stdout: string; stderr: string }
  readonly ended: Promise<Ended>
  readonly kill: (signal: NodeJS.Signals) => void
}

export interface Options {
  readonly env?: Readonly<Record<string, string>>
  /** Flags of Node itself. */
  readonly node?: ReadonlyArray<string>
  readonly cwd?: string
  /** Closes the pipe of its standard output after the first line, as `head -1` does. */
  readonly reads?: "one line"
  /** A file in place of the pipe of its standard output. */
  readonly writesTo?: string
}

export const start = (
  args: ReadonlyArray<string>,
  { cwd, env = {}, node = [], reads, writesTo }: Options = {}
): Running => {
  const file = writesTo === undefined ? undefined : openSync(writesTo, "w")
  const child = spawn(process.execPath, [...node, bin, ...args], {
    cwd,
    env: { PATH: process.env.PATH, ...env },
    stdio: ["ignore", file ?? "pipe", "pipe"]
  })
  if (file !== undefined) closeSync(file)
  const output = { stdout: "", stderr: "" }
  child.stdout?.on("data", (chunk) => {
    output.stdout += chunk
    if (reads === "one line" && output.stdout.includes("\n")) child.stdout?.destroy()
  })
  child.stderr?.on("data", (chunk) => (output.stderr += chunk))
  return {
    output,
    ended: once(child, "close").then(([code]) => ({ code, ...output })),
    kill: (signal) => void child.kill(signal)
  }
}

export const run = (args: ReadonlyArray<string>, options?: Options): Promise<Ended> => start(args, options).ended

/** The environment of a key at a server, with retries that do not make a test wait. */
export const at = (baseUrl: string, key: string): Record<string, string> => ({
  POLLO_BASE_URL: baseUrl,
  POLLO_API_KEY: key,
  POLLO_MAX_RETRIES: "0"
})

export const lines = (text: string): ReadonlyArray<string> => text.trimEnd().split("\n")

/** Runs a script in bash, where `pollo-credits` is this program, with the exit code of the first part of a pipe. */
export const bash = async (script: string, env: Readonly<Record<string, string>> = {}): Promise<Ended> => {
  const program = `pollo-credits() { '${process.execPath}' '${bin}' "$@"; }`
  const child = spawn("bash", ["-c", `set -o pipefail; ${program}; ${script}`], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ["ignore", "pipe", "pipe"]
  })
  const output = { stdout: "", stderr: "" }
  child.stdout.on("data", (chunk) => (output.stdout += chunk))
  child.stderr.on("data", (chunk) => (output.stderr += chunk))
  const [code] = await once(child, "close")
  return { code, ...output }
}
