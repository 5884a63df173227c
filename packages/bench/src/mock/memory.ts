/**
 * Memory over 1,000,000 requests of 10,000 keys with the journal on, in a process of its own. The memory of that
 * process must stop growing: the heap after the last tenth may be only a little larger than after the first.
 */
import { execFileSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { atMost, type Section } from "../report.ts"
import type { Held } from "./memoryOfServer.ts"

const megabyte = 1_048_576

export const mockMemory = (quick: boolean): Section => {
  const requests = quick ? 100_000 : 1_000_000
  const script = fileURLToPath(new URL("memoryOfServer.ts", import.meta.url))
  const args = ["--no-warnings", "--expose-gc", script, String(requests)]
  const held: ReadonlyArray<Held> = JSON.parse(execFileSync(process.execPath, args, { encoding: "utf8" }))
  const [first, last] = [held[0], held.at(-1)]
  if (first === undefined || last === undefined) throw new Error("nothing was measured")
  return {
    title: "The memory of the mock server",
    text: `${requests} requests of 10000 keys, with the journal on.`,
    columns: ["", "RSS MiB", "heap MiB"],
    rows: held.map(({ heap, rss, sent }) => [
      `${sent} requests`,
      (rss / megabyte).toFixed(0),
      (heap / megabyte).toFixed(0)
    ]),
    gates: [
      atMost("MiB of RSS at the end", last.rss / megabyte, 400),
      atMost("times the heap after the first tenth", last.heap / first.heap, 1.5)
    ]
  }
}
