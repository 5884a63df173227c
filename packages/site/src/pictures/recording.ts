/** A program in a real terminal, as a series of screens with the time at which each was first seen. */
import { spawn } from "@lydell/node-pty"
import headless, { type Terminal } from "@xterm/headless"

/** Characters of one look, beside each other. */
export interface Run {
  readonly column: number
  readonly text: string
  readonly colour: number | undefined
  readonly isBold: boolean
  readonly isDim: boolean
}

export interface Frame {
  readonly millis: number
  readonly lines: ReadonlyArray<ReadonlyArray<Run>>
}

export interface Shell {
  readonly columns: number
  readonly rows: number
  readonly env: Readonly<Record<string, string>>
}

const runsOf = (terminal: Terminal, row: number): ReadonlyArray<Run> => {
  const line = terminal.buffer.active.getLine(terminal.buffer.active.viewportY + row)
  if (line === undefined) return []
  const runs: Array<Run> = []
  for (let column = 0; column < terminal.cols; column++) {
    const cell = line.getCell(column)
    const text = cell?.getChars() || " "
    const colour = cell?.isFgPalette() === true ? cell.getFgColor() : undefined
    const isBold = cell?.isBold() === 1
    const isDim = cell?.isDim() === 1
    const last = runs.at(-1)
    if (last !== undefined && last.colour === colour && last.isBold === isBold && last.isDim === isDim) {
      runs[runs.length - 1] = { ...last, text: last.text + text }
    } else runs.push({ column, text, colour, isBold, isDim })
  }
  return runs.filter(({ text }) => text.trim() !== "")
}

/** Runs it until `during` is over, then stops it as Ctrl-C does. Looks at the screen every `every` milliseconds. */
export const record = async (
  file: string,
  args: ReadonlyArray<string>,
  { columns, env, rows }: Shell,
  during: () => Promise<void>,
  every = 50
): Promise<ReadonlyArray<Frame>> => {
  const terminal = new headless.Terminal({ cols: columns, rows, allowProposedApi: true })
  const child = spawn(file, [...args], { cols: columns, rows, env: { ...env, TERM: "xterm-256color" } })
  child.onData((data) => terminal.write(data))
  const ended = new Promise<void>((resolve) => child.onExit(() => resolve()))
  const frames: Array<Frame> = []
  const started = Date.now()
  const look = setInterval(() => {
    const lines = Array.from({ length: rows }, (_, row) => runsOf(terminal, row))
    const isNew = JSON.stringify(frames.at(-1)?.lines) !== JSON.stringify(lines)
    if (isNew) frames.push({ millis: Date.now() - started, lines })
  }, every)
  await during()
  clearInterval(look)
  child.write("\u0003")
  await ended
  return frames
}
