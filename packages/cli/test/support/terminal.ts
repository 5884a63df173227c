/** A real pseudo-terminal, and a terminal emulator that says what a person would see in it. */
import { Terminal } from "@xterm/headless"
import { vi } from "vitest"
import { bin } from "./cli.ts"

/** There is a prebuilt one for Linux with glibc, macOS and Windows, on x64 and arm64. */
const pty = await import("@lydell/node-pty").then((module) => module, () => undefined)

export const hasTerminal = pty !== undefined

export interface Screen {
  /** What is on the screen: the lines down to the last that is not empty. */
  readonly lines: () => ReadonlyArray<string>
  readonly cursor: () => { readonly column: number; readonly row: number }
  /** Every byte that was written, escape sequences and all. */
  readonly raw: () => string
  readonly type: (text: string) => void
  readonly ended: Promise<number>
  /** Waits until the lines are as `check` wants them. */
  readonly until: (check: (lines: ReadonlyArray<string>) => boolean) => Promise<void>
}

export interface Options {
  readonly env?: Readonly<Record<string, string>>
  readonly columns?: number
}

export const ctrlC = "\u0003"

/** Starts a program with a terminal of its own. */
export const open = (file: string, args: ReadonlyArray<string>, { columns = 100, env = {} }: Options = {}): Screen => {
  if (pty === undefined) throw new Error("no pseudo-terminal on this platform")
  const rows = 20
  const terminal = new Terminal({ cols: columns, rows, allowProposedApi: true, convertEol: false })
  const child = pty.spawn(file, [...args], {
    cols: columns,
    rows,
    env: { PATH: process.env.PATH ?? "", TERM: "xterm-256color", ...env }
  })
  let raw = ""
  child.onData((data) => {
    raw += data
    terminal.write(data)
  })
  const buffer = terminal.buffer.active
  const lines = () => {
    const all = Array.from({ length: buffer.length }, (_, row) => buffer.getLine(row)?.translateToString(true) ?? "")
    return all.slice(0, all.findLastIndex((line) => line !== "") + 1)
  }
  return {
    lines,
    cursor: () => ({ column: buffer.cursorX, row: buffer.cursorY }),
    raw: () => raw,
    type: (text) => child.write(text),
    ended: new Promise((resolve) => {
      // The emulator has to see the last bytes before anybody looks at the screen.
      child.onExit(({ exitCode }) => setTimeout(() => terminal.write("", () => resolve(exitCode)), 20))
    }),
    until: (check) =>
      vi.waitFor(() => {
        if (!check(lines())) throw new Error(`the screen never came to it:\n${lines().join("\n")}`)
      }, { timeout: 15_000 })
  }
}

export const openCli = (args: ReadonlyArray<string>, options?: Options): Screen =>
  open(process.execPath, [bin, ...args], options)
