/**
 * Microseconds a call, without a port, journal on: `node packages/mock-server/bench/in-process.ts`. One call makes the
 * request, gets the answer and reads its JSON. The bar is a `fetch` that does nothing but hand out a canned response.
 */
import { Hono } from "hono"
import { createMockServer } from "../src/index.ts"
import { median, report } from "./report.ts"

const url = "http://mock/api/platform/credit/balance"
const body = { availableCredits: 1000, totalCredits: 1000 }
const text = JSON.stringify(body)

const hono = new Hono().get("/api/platform/credit/balance", (c) => c.json(body))
const mock = createMockServer()

const fetches: Readonly<Record<string, (request: Request) => Response | Promise<Response>>> = {
  "a canned Response": async () => new Response(text, { headers: { "content-type": "application/json" } }),
  "bare Hono app": (request) => hono.fetch(request),
  "createMockServer().fetch": mock.fetch
}

const calls = 20_000

const microsPerCall = async (fetch: (request: Request) => Response | Promise<Response>): Promise<number> => {
  const before = performance.now()
  for (let call = 0; call < calls; call++) {
    const response = await fetch(new Request(url, { headers: { "x-api-key": "bench" } }))
    if (response.status !== 200) throw new Error(`answered ${response.status}`)
    await response.json()
  }
  return ((performance.now() - before) / calls) * 1000
}

const seen = new Map<string, Array<number>>()
for (let round = 0; round < 12; round++) {
  for (const [name, fetch] of Object.entries(fetches)) {
    const micros = await microsPerCall(fetch)
    if (round >= 2) seen.set(name, [...(seen.get(name) ?? []), micros]) // The first rounds warm the engine up.
  }
}

const micros = (name: string): number => median(seen.get(name) ?? [])
report([...seen.keys()].map((name) => ({ name, "µs/call": micros(name).toFixed(1) })), {
  "times a canned Response": [micros("createMockServer().fetch") / micros("a canned Response"), "at most", 2]
})
