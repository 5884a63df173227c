/** Requests a second over 64 connections, all servers side by side: every round goes through all of them. */
import { bareHono, bareHttp, mockoon, polloMock, prism, start } from "./contenders.ts"
import type { Contender, Running } from "./contenders.ts"
import { load } from "./load.ts"
import type { Load } from "./load.ts"
import { atLeast, type Section, show } from "../report.ts"
import { median } from "../statistics.ts"

const connections = 64

/** The first rounds do not count: the engine compiles hot code during the first hundred thousand requests. */
const warmUps = 2

interface Entry {
  readonly contender: Contender
  readonly server: Running
  readonly loads: Array<Load>
}

export const mockOverHttp = async (quick: boolean, progress: (text: string) => void): Promise<Section> => {
  const [rounds, seconds] = quick ? [2, 1] : [5, 2]
  await using servers = new AsyncDisposableStack()
  const entries: Array<Entry> = []
  for (const contender of [bareHttp, bareHono, polloMock, mockoon, prism]) {
    progress(`mock server: starting ${contender.name}`)
    entries.push({ contender, server: servers.use(await start(contender)), loads: [] })
  }
  for (let round = -warmUps; round < rounds; round++) {
    progress(`mock server: round ${round + warmUps + 1} of ${rounds + warmUps}`)
    for (const { loads, server } of entries) {
      const seen = await load(server, connections, seconds)
      if (round >= 0) loads.push(seen)
    }
  }
  const loadsOf = (contender: Contender): ReadonlyArray<Load> =>
    entries.find((entry) => entry.contender === contender)?.loads ?? []

  /** The ratio within each round, so that a machine that is slow for a while slows both. */
  const times = (contender: Contender, other: Contender): number => {
    const others = loadsOf(other)
    return median(
      loadsOf(contender).map((seen, round) => seen.requestsPerSecond / (others[round]?.requestsPerSecond ?? Number.NaN))
    )
  }
  return {
    title: "The mock server over HTTP",
    text: `${connections} connections; medians of ${rounds} rounds of ${seconds} s.`,
    columns: ["", "requests/s", "of bare Hono", "p99 ms", "server µs/request"],
    rows: entries.map(({ contender, loads }) => [
      contender.name,
      median(loads.map((seen) => seen.requestsPerSecond)).toFixed(0),
      times(contender, bareHono).toFixed(2),
      median(loads.map((seen) => seen.p99)).toFixed(0),
      show(median(loads.map((seen) => seen.cpuPerRequest)))
    ]),
    gates: [
      atLeast("requests a second, of the bare Hono app's", times(polloMock, bareHono), 0.8),
      atLeast("times Prism", times(polloMock, prism), 2),
      atLeast("times Mockoon", times(polloMock, mockoon), 2)
    ]
  }
}
