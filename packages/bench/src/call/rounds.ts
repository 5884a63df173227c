/**
 * Measures contenders side by side. Each has a process of its own and the same warm-up. Short rounds alternate between
 * them, so that a machine that is slow for a while slows all of them. The processes are launched several times, because
 * the first garbage collections of a process decide how fast it stays.
 */
import { median, type Spread, spreadOf } from "../statistics.ts"
import { startWorker, type Worker } from "./processes.ts"
import type { Cost } from "./worker.ts"

export interface Plan {
  readonly launches: number
  readonly rounds: number
  readonly millis: number
  /** How many calls each contender makes before the first round that counts. */
  readonly warmUp: number
  readonly ways: ReadonlyArray<number>
}

export interface Entrant {
  readonly name: string
  readonly module: string
  /** The export of the module that makes the reader. */
  readonly exported: string
  /** In how many launches it takes part, the first ones; in all where it does not say. */
  readonly launches?: number
}

/** The medians of each launch, in microseconds a call. */
export type Launches = ReadonlyMap<string, ReadonlyArray<{ readonly elapsed: number; readonly cpu: number }>>

const warm = async (worker: Worker, calls: number): Promise<void> => {
  for (let done = 0; done < calls;) done += (await worker.run({ millis: 300, ways: 64 })).calls
  await worker.run({ millis: 300, ways: 1 })
}

/** Measures what a call of each entrant costs, for each number of calls at a time. */
export const race = async (
  entrants: ReadonlyArray<Entrant>,
  url: string,
  plan: Plan,
  progress: (text: string) => void
): Promise<ReadonlyMap<number, Launches>> => {
  const results = new Map(plan.ways.map((ways) => [ways, new Map<string, Array<{ elapsed: number; cpu: number }>>()]))
  for (let launch = 1; launch <= plan.launches; launch++) {
    await using workers = new AsyncDisposableStack()
    const started: Array<{ readonly entrant: Entrant; readonly worker: Worker }> = []
    for (const entrant of entrants) {
      if (launch > (entrant.launches ?? plan.launches)) continue
      progress(`launch ${launch} of ${plan.launches}: warming ${entrant.name}`)
      const worker = workers.use(await startWorker(entrant.module, entrant.exported, url))
      await warm(worker, plan.warmUp)
      started.push({ entrant, worker })
    }
    for (const [ways, seen] of results) {
      progress(`launch ${launch} of ${plan.launches}: ${ways} at a time`)
      const costs = new Map<string, Array<Cost>>()
      for (let round = 0; round < plan.rounds; round++) {
        for (const { entrant, worker } of round % 2 === 0 ? started : started.toReversed()) {
          const cost = await worker.run({ millis: plan.millis, ways })
          costs.set(entrant.name, [...costs.get(entrant.name) ?? [], cost])
        }
      }
      for (const [name, list] of costs) {
        const middle = { elapsed: median(list.map(({ elapsed }) => elapsed)), cpu: median(list.map(({ cpu }) => cpu)) }
        seen.set(name, [...seen.get(name) ?? [], middle])
      }
    }
  }
  return results
}

/** One entrant's cost in terms of another's, launch by launch. */
export const ratio = (launches: Launches, name: string, to: string, figure: "elapsed" | "cpu"): Spread => {
  const others = launches.get(to) ?? []
  return spreadOf(
    (launches.get(name) ?? []).map((cost, launch) => cost[figure] / (others[launch]?.[figure] ?? Number.NaN))
  )
}
