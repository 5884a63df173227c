/**
 * Runs a scenario once, or `POLLO_CHAOS_RUNS` times, and counts what went wrong. The vendor of a trial shows a balance
 * that no job draws on, so all jobs that run at one time may cost that much together, and no more.
 */
import { it } from "@effect/vitest"
import { setTimeout } from "node:timers/promises"
import { redisAvailable } from "../../support/redisServer.ts"

const runs = Number(process.env["POLLO_CHAOS_RUNS"] ?? 1)
/** More than any scenario takes on two busy cores. */
const hangsAfter = 45_000

class Overspend extends Error {}
class Leak extends Error {}
class Hang extends Error {}

export class Trial extends AsyncDisposableStack {
  balance = 100
  #running = 0
  #overspent: string | undefined

  /** Called where a job starts; what it yields is called where the job ends. */
  readonly started = (credits: number): () => void => {
    this.#running += credits
    if (this.#running > this.balance) this.#overspent ??= `jobs run for ${this.#running} of ${this.balance} credits`
    let runs = true
    return () => {
      if (runs) this.#running -= credits
      runs = false
    }
  }

  check(): void {
    if (this.#overspent !== undefined) throw new Overspend(this.#overspent)
  }

  /** Asks until the answer is the wanted one. */
  readonly until = async (what: string, wanted: () => Promise<boolean>, millis = 15_000): Promise<void> => {
    for (const end = Date.now() + millis; !(await wanted());) {
      this.check()
      if (Date.now() > end) throw new Leak(`${what}: not within ${millis} ms`)
      await setTimeout(40)
    }
    this.check()
  }

  readonly control = (holds: boolean, what: string): void => {
    this.check()
    if (!holds) throw new Error(`a control: ${what}`)
  }
}

/** What `run` says about a trial, within its time. Everything that it started is ended, also when it hangs. */
const play = async (run: (trial: Trial) => Promise<void>): Promise<void> => {
  await using trial = new Trial()
  const given = new AbortController()
  const late = setTimeout(hangsAfter, undefined, { signal: given.signal }).then(() => {
    throw new Hang(`no end within ${hangsAfter} ms`)
  })
  late.catch(() => {})
  await Promise.race([run(trial), late]).finally(() => given.abort())
  trial.check()
}

export interface Scenario {
  /** Why it cannot run here, if so. */
  readonly skipped?: string | false
}

export const scenario = (name: string, run: (trial: Trial) => Promise<void>, { skipped = false }: Scenario = {}) => {
  const test = async () => {
    const wrong: Array<Error> = []
    for (let each = 0; each < runs; each++) {
      await play(run).catch((error: unknown) => wrong.push(error instanceof Error ? error : new Error(String(error))))
    }
    const count = (kind: new() => Error) => wrong.filter((error) => error instanceof kind).length
    if (runs > 1) {
      const [overspends, leaks, hangs] = [count(Overspend), count(Leak), count(Hang)]
      const others = wrong.length - overspends - leaks - hangs
      console.log(
        `${name}: ${runs} runs, ${overspends} overspends, ${leaks} leaks, ${hangs} hangs, ${others} other failures`
      )
      for (const message of new Set(wrong.map((error) => error.message))) console.log(`  ${message}`)
    }
    if (wrong[0] !== undefined) throw wrong[0]
  }
  const needs = skipped === false ? "" : ` (${skipped})`
  it.skipIf(!redisAvailable || skipped !== false).concurrent(`${name}${needs}`, test, runs * hangsAfter)
}
