/**
 * Requests a second over 64 connections, all servers side by side in one run:
 *
 *     node packages/mock-server/bench/http.ts [rounds] [seconds]
 *
 * Every round goes through all servers, so a slow minute of the machine hits each of them; the median round counts.
 * The last column is the server's own processor time, which another busy process on the machine disturbs least.
 */
import { bareHono, bareHttp, mockoon, polloMock, prism, start } from "./contenders.ts"
import type { Contender, Running } from "./contenders.ts"
import { load } from "./load.ts"
import type { Load } from "./load.ts"
import { median, report } from "./report.ts"

const [rounds = 5, seconds = 3] = process.argv.slice(2).map(Number)
const connections = 64

interface Entry {
  readonly contender: Contender
  readonly server: Running
  readonly loads: Array<Load>
}

await using servers = new AsyncDisposableStack()
const entries: Array<Entry> = []
for (const contender of [bareHttp, bareHono, polloMock, mockoon, prism]) {
  const server = servers.use(await start(contender))
  await load(server, connections, 2) // The engine compiles what is hot only after some thousand requests.
  entries.push({ contender, server, loads: [] })
}
for (let round = 0; round < rounds; round++) {
  for (const { loads, server } of entries) loads.push(await load(server, connections, seconds))
}

const speedOf = (contender: Contender): number =>
  median(entries.find((entry) => entry.contender === contender)?.loads.map((seen) => seen.requestsPerSecond) ?? [])

report(
  entries.map(({ contender, loads }) => ({
    name: contender.name,
    "requests/s": speedOf(contender).toFixed(0),
    "of bare Hono": (speedOf(contender) / speedOf(bareHono)).toFixed(2),
    "p99 ms": median(loads.map((seen) => seen.p99)).toFixed(0),
    "server µs/request": median(loads.map((seen) => seen.cpuPerRequest)).toFixed(1)
  })),
  {
    "of the bare Hono app": [speedOf(polloMock) / speedOf(bareHono), "at least", 0.8],
    "times Prism": [speedOf(polloMock) / speedOf(prism), "at least", 2],
    "times Mockoon": [speedOf(polloMock) / speedOf(mockoon), "at least", 2]
  }
)
