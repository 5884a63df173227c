/**
 * Requests a second over 64 connections, all servers side by side in one run:
 *
 *     node packages/mock-server/bench/http.ts [rounds] [seconds]
 *
 * Every round goes through all servers; the medians of the rounds count.
 * The last column is the server's own processor time, which another busy process on the machine disturbs least.
 */
import { bareHono, bareHttp, mockoon, polloMock, prism, start } from "./contenders.ts"
import type { Contender, Running } from "./contenders.ts"
import { load } from "./load.ts"
import type { Load } from "./load.ts"
import { median, report } from "./report.ts"

const [rounds = 5, seconds = 3] = process.argv.slice(2).map(Number)
const connections = 64

/** Rounds that do not count: the engine compiles what is hot beside the first hundred thousand requests. */
const warmUps = 2

interface Entry {
  readonly contender: Contender
  readonly server: Running
  readonly loads: Array<Load>
}

await using servers = new AsyncDisposableStack()
const entries: Array<Entry> = []
for (const contender of [bareHttp, bareHono, polloMock, mockoon, prism]) {
  entries.push({ contender, server: servers.use(await start(contender)), loads: [] })
}
for (let round = -warmUps; round < rounds; round++) {
  for (const { loads, server } of entries) {
    const seen = await load(server, connections, seconds)
    if (round >= 0) loads.push(seen)
  }
}

const loadsOf = (contender: Contender): ReadonlyArray<Load> =>
  entries.find((entry) => entry.contender === contender)?.loads ?? []

/** Within each round, so that what slows the machine down for a while slows both. */
const times = (contender: Contender, other: Contender): number => {
  const others = loadsOf(other)
  return median(
    loadsOf(contender).map((seen, round) => seen.requestsPerSecond / (others[round]?.requestsPerSecond ?? Number.NaN))
  )
}

report(
  entries.map(({ contender, loads }) => ({
    name: contender.name,
    "requests/s": median(loads.map((seen) => seen.requestsPerSecond)).toFixed(0),
    "of bare Hono": times(contender, bareHono).toFixed(2),
    "p99 ms": median(loads.map((seen) => seen.p99)).toFixed(0),
    "server µs/request": median(loads.map((seen) => seen.cpuPerRequest)).toFixed(1)
  })),
  {
    "of the bare Hono app": [times(polloMock, bareHono), "at least", 0.8],
    "times Prism": [times(polloMock, prism), "at least", 2],
    "times Mockoon": [times(polloMock, mockoon), "at least", 2]
  }
)
