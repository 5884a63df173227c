/** The call over a real socket on loopback: sequential, and 64 at a time. */
import type { Gate, Section } from "../report.ts"
import { atMost, show, showSpread } from "../report.ts"
import { median } from "../statistics.ts"
import { bare, contenders, oursDispatch, oursFetch, oursUndici, plainFetch, plainUndici } from "./contenders.ts"
import { startServer } from "./processes.ts"
import { type Launches, type Plan, race, ratio } from "./rounds.ts"

const plans = {
  full: { launches: 5, rounds: 4, millis: 250, warmUp: 40_000, ways: [1, 64] },
  quick: { launches: 1, rounds: 4, millis: 200, warmUp: 20_000, ways: [1, 64] }
} satisfies Record<string, Plan>

/** What no promise is about is launched less often. */
const launchesForReading = 2

/** A bar of the chart: how many times the time of bare fetch a contender takes. */
export interface Bar {
  readonly name: string
  readonly ways: number
  readonly ratio: number
}

const gatesOf = (launches: Launches, ways: number): ReadonlyArray<Gate> => {
  const atATime = ways === 1 ? "sequential" : `${ways} at a time`
  const gate = (who: string, to: string, figure: "elapsed" | "cpu", limit: number): Gate =>
    atMost(
      `${who} to ${to}, ${atATime}, ${figure === "cpu" ? "processor time" : "elapsed"}`.replaceAll("**", ""),
      ratio(launches, who, to, figure),
      limit
    )
  const both = (who: string, to: string, limit: number) => [
    gate(who, to, "elapsed", limit),
    gate(who, to, "cpu", limit)
  ]
  return [
    ...both(oursFetch.name, plainFetch.name, 0.9),
    ...both(oursUndici.name, plainUndici.name, 0.95),
    gate(oursDispatch.name, bare.name, "elapsed", ways === 1 ? 0.75 : 0.65)
  ]
}

export const call = async (
  quick: boolean,
  progress: (text: string) => void
): Promise<{ readonly sections: ReadonlyArray<Section>; readonly bars: ReadonlyArray<Bar> }> => {
  const plan = quick ? plans.quick : plans.full
  const entrants = contenders.filter(({ gated }) => gated || !quick)
    .map(({ gated, module, name }) => ({
      name,
      module: new URL(`contenders/${module}.ts`, import.meta.url).href,
      exported: "default",
      launches: gated ? plan.launches : launchesForReading
    }))
  await using server = await startServer()
  const results = await race(entrants, server.url, plan, progress)
  const sections = [...results].map(([ways, launches]): Section => {
    const micros = (name: string, figure: "elapsed" | "cpu") =>
      median((launches.get(name) ?? []).map((cost) => cost[figure]))
    return {
      title: `The call, ${ways === 1 ? "one after the other" : `${ways} at a time`}`,
      text: `Bare fetch takes ${show(micros(bare.name, "elapsed"))} µs a call here, which the ratios are to. `
        + `Medians of ${plan.launches} launches of ${plan.rounds} rounds (of ${launchesForReading} for whom no promise is `
        + `about), each contender warmed by ${plan.warmUp} calls; in brackets what half of the launches are within.`,
      columns: ["", "elapsed, to bare fetch", "processor time, to bare fetch", "µs a call"],
      rows: entrants.map(({ name }) => [
        name,
        showSpread(ratio(launches, name, bare.name, "elapsed")),
        showSpread(ratio(launches, name, bare.name, "cpu")),
        show(micros(name, "elapsed"))
      ]),
      gates: gatesOf(launches, ways)
    }
  })
  const bars = [...results].flatMap(([ways, launches]) =>
    entrants.map(({ name }) => ({
      name: name.replaceAll("**", ""),
      ways,
      ratio: ratio(launches, name, bare.name, "elapsed").median
    }))
  )
  return { sections, bars }
}
