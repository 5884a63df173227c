import { styleText } from "node:util"
import type { JournalEntry } from "../journal/journal-entry.ts"

const colourOf = (status: number | null) =>
  status === null ? "magenta" : status < 300 ? "green" : status < 400 ? "cyan" : status < 500 ? "yellow" : "red"

/**
 * One request that has ended, on one line. In colour where the stream shows colours and the environment does not forbid
 * it (`NO_COLOR`).
 */
export const requestLine = (entry: JournalEntry, stream: NodeJS.WriteStream): string => {
  const { at, attempt, key, method, millis, outcome, path, status, step } = entry
  const colour = (format: Parameters<typeof styleText>[0], text: string): string => styleText(format, text, { stream })
  return [
    colour("dim", new Date(at).toISOString().slice(11, 23)),
    colour(colourOf(status), String(status ?? "---")),
    method,
    path,
    key ?? "no key",
    ...(step === null ? [] : [colour("bold", step)]),
    ...(attempt === null ? [] : [`#${attempt}`]),
    ...(millis === null ? [] : [colour("dim", `${millis} ms`)]),
    ...(outcome === "sent" ? [] : [colour("magenta", outcome)])
  ].join(" ")
}
