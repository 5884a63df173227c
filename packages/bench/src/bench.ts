/**
 * Every benchmark: `pnpm bench`. Prints tables, and exits with 1 when a promise is missed.
 *
 * `--quick` takes fewer samples, and measures only the contenders that a promise is about. `--only call,size` runs only
 * these parts. `--write` puts the tables and the chart into `docs/`.
 */
import { mkdirSync, writeFileSync } from "node:fs"
import { arch, cpus, platform } from "node:os"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { type Bar, call } from "./call/call.ts"
import { inProcess } from "./inProcess/inProcess.ts"
import { isHeld, markdown, type Section, wrapped } from "./report.ts"
import { budget } from "./scale/budget.ts"
import { cache } from "./scale/cache.ts"
import { budgetLimits } from "./scale/limits.ts"
import { memory } from "./scale/memory.ts"
import { redis } from "./scale/redis.ts"
import { mockOverHttp } from "./mock/http.ts"
import { mockInProcess } from "./mock/inProcess.ts"
import { mockMemory } from "./mock/memory.ts"
import { mockStartup } from "./mock/startup.ts"
import { size } from "./size/size.ts"
import { start } from "./start/start.ts"

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
    only: { type: "string" }
  }
})
const { quick } = values
const progress = (text: string): void => void process.stderr.write(`${text}\n`)
let bars: ReadonlyArray<Bar> = []

const parts: Record<string, () => Promise<ReadonlyArray<Section>>> = {
  call: async () => {
    const measured = await call(quick, progress)
    bars = measured.bars
    return measured.sections
  },
  inProcess: async () => [await inProcess(quick, progress)],
  size: async () => [await size()],
  start: async () => [await start(quick, progress)],
  cache: async () => [await cache(quick)],
  budget: async () => [await budget(quick, progress), await budgetLimits(quick, progress)],
  redis: async () => [await redis(quick)],
  memory: async () => [memory()],
  mock: async () => [
    await mockOverHttp(quick, progress),
    await mockInProcess(),
    await mockStartup(quick),
    mockMemory(quick)
  ]
}

const asked = values.only?.split(",") ?? Object.keys(parts)
const sections: Array<Section> = []
for (const name of asked) {
  const part = parts[name]
  if (part === undefined) throw new Error(`no benchmark is named ${name}; there are ${Object.keys(parts).join(", ")}`)
  for (const section of await part()) {
    console.log(`${markdown(section)}\n`)
    sections.push(section)
  }
}

if (values.write) {
  const { chart } = await import("./docs/chart.ts")
  const docs = join(import.meta.dirname, "../../../docs")
  const processors = cpus()
  const machine = `${processors.length} × ${
    processors[0]?.model ?? "unknown"
  }, ${platform()} ${arch()}, Node ${process.version}`
  const text =
    `Made by \`pnpm bench --write\` on ${machine}. Ratios to a bare \`fetch\` vary by a third from run to run, `
    + "those between clients on the same transport by a tenth. What counts is the order, and the promises below the "
    + "tables: `pnpm bench` exits with 1 when one is missed."
  const picture = "![Time of a call at 64 at a time, to bare fetch](benchmarks.svg)"
  const head = ["# Benchmarks", wrapped(text), ...bars.length > 0 ? [picture] : []]
  mkdirSync(docs, { recursive: true })
  writeFileSync(join(docs, "benchmarks.md"), [...head, ...sections.map(markdown)].join("\n\n").concat("\n"))
  if (bars.length > 0) writeFileSync(join(docs, "benchmarks.svg"), chart(bars))
}
if (!sections.flatMap(({ gates }) => gates).every(isHeld)) process.exitCode = 1
