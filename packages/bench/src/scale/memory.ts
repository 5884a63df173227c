/** Memory for each call in flight. */
import { execFileSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { type Section, show } from "../report.ts"

export const memory = (): Section => {
  const script = fileURLToPath(new URL("memoryOfCall.ts", import.meta.url))
  const rows = ["a promise", "plain Effect 4", "**ours**"].map((name) => {
    const printed = execFileSync(process.execPath, ["--no-warnings", "--expose-gc", script, name], { encoding: "utf8" })
    return [name, show(Number(printed) / 1024)]
  })
  return {
    title: "Memory",
    text: "KiB of heap for each of 10,000 calls that wait for their answer.",
    columns: ["", "KiB a call"],
    rows,
    gates: []
  }
}
