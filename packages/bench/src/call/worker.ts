/**
 * One contender in a process of its own. For each message it makes calls for the given time, and answers with what a
 * call cost.
 */
import type { Read } from "./read.ts"

/** What the parent asks for. */
export interface Round {
  readonly millis: number
  /** Calls under way at the same time. */
  readonly ways: number
}

/** Microseconds of one call: elapsed, and of processor time. */
export interface Cost {
  readonly calls: number
  readonly elapsed: number
  readonly cpu: number
}

const [, , module = "", exported = "", url = ""] = process.argv
const entrants: Record<string, (url: string) => Read> = await import(module)
const read = entrants[exported]?.(url)
if (read === undefined) throw new Error(`${module} has no ${exported}`)
if (await read() !== 42) throw new Error(`${module} reads another balance`)

const measure = async ({ millis, ways }: Round): Promise<Cost> => {
  let calls = 0
  const cpuBefore = process.cpuUsage()
  const started = performance.now()
  const one = async () => {
    for (; performance.now() < started + millis; calls++) await read()
  }
  await Promise.all(Array.from({ length: ways }, one))
  const elapsed = (performance.now() - started) * 1000
  const { system, user } = process.cpuUsage(cpuBefore)
  return { calls, elapsed: elapsed / calls, cpu: (user + system) / calls }
}

process.on("message", async (round: Round) => process.send?.(await measure(round)))
process.on("disconnect", () => process.exit())
process.send?.("ready")
