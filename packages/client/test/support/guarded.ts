/**
 * Child processes that never outlive the one that started them, also when that is killed and can no longer clean up.
 */
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"

export interface Guarded extends AsyncDisposable {
  /** What it has printed so far. */
  readonly output: () => string
  readonly exited: Promise<unknown>
  /** Resolves when what it has printed satisfies `enough`; fails when it ends before. */
  readonly printed: (enough: (output: string) => boolean) => Promise<string>
  readonly kill: (signal: NodeJS.Signals) => void
}

/**
 * The shell starts the program and tells its id. It watches a pipe from here, which the system closes when this process
 * ends, whichever way.
 */
const guard = `
exec 3<&0
"$@" </dev/null 3<&- &
child=$!
echo "pid $child"
( cat <&3 >/dev/null; kill -9 $child 2>/dev/null ) >/dev/null 2>&1 &
exec 3<&-
wait $child
code=$?
exit $code
`

export const start = async (
  command: string,
  args: ReadonlyArray<string>,
  env: Readonly<Record<string, string>> = {}
): Promise<Guarded> => {
  const shell = spawn("sh", ["-c", guard, "sh", command, ...args], {
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...process.env, ...env }
  })
  let text = ""
  const collect = (chunk: string) => {
    text += chunk
    shell.emit("printed")
  }
  shell.stdout.setEncoding("utf8").on("data", collect)
  shell.stderr.setEncoding("utf8").on("data", collect)
  shell.stdin.on("error", () => {})
  shell.once("exit", () => shell.stdin.destroy())
  const exited = once(shell, "exit")
  const printed = (enough: (output: string) => boolean) => waitFor(shell, exited, () => text, enough)
  const [, pid] = /^pid (\d+)$/m.exec(await printed((output) => /^pid \d+$/m.test(output))) ?? []
  const kill = (signal: NodeJS.Signals) => {
    if (shell.exitCode !== null || shell.signalCode !== null) return
    try {
      process.kill(Number(pid), signal)
    } catch {
      // It has ended, and the shell is about to say so.
    }
  }
  return {
    output: () => text,
    exited,
    printed,
    kill,
    [Symbol.asyncDispose]: async () => {
      kill("SIGKILL")
      await exited
    }
  }
}

const waitFor = async (
  shell: ChildProcess,
  exited: Promise<unknown>,
  output: () => string,
  enough: (output: string) => boolean
): Promise<string> => {
  const ended = exited.then(() => {
    throw new Error(`it ended before:\n${output().slice(-4096)}`)
  })
  ended.catch(() => {})
  while (!enough(output())) await Promise.race([once(shell, "printed"), ended])
  return output()
}
