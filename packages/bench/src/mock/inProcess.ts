/**
 * Microseconds a call without a port, journal on: make the request, get the answer, read its JSON. The times are
 * compared with a `fetch` that only returns a canned response.
 */
import { Hono } from "hono"
import { createMockServer } from "@effect-pollo/mock-server"
import { atMost, type Section, show } from "../report.ts"
import { median } from "../statistics.ts"

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

export const mockInProcess = async (): Promise<Section> => {
  const seen = new Map<string, Array<number>>()
  for (let round = 0; round < 12; round++) {
    for (const [name, fetch] of Object.entries(fetches)) {
      const micros = await microsPerCall(fetch)
      // The first rounds warm the engine up.
      if (round >= 2) seen.set(name, [...(seen.get(name) ?? []), micros])
    }
  }
  const micros = (name: string): number => median(seen.get(name) ?? [])
  return {
    title: "The mock server without a port",
    text: "Microseconds a call, with the journal on.",
    columns: ["", "µs"],
    rows: [...seen.keys()].map((name) => [name, show(micros(name))]),
    gates: [
      atMost("times a canned Response", micros("createMockServer().fetch") / micros("a canned Response"), 2)
    ]
  }
}
