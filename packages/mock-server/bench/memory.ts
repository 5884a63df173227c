/**
 * Memory over 1,000,000 requests of 10,000 keys with the journal on: `node packages/mock-server/bench/memory.ts`. What
 * the process holds must stop growing: the last tenth may not end far above the first one.
 */
import { createMockServer } from "../src/index.ts"
import { report } from "./report.ts"

const requests = 1_000_000
const keys = 10_000
const url = "http://mock/api/platform/credit/balance"
const megabyte = 1_048_576

const server = createMockServer()
const rows: Array<{ name: string; "RSS MB": string; "heap MB": string }> = []
const heaps: Array<number> = []

const ask = async (key: string): Promise<void> => {
  const response = await server.fetch(new Request(url, { headers: { "x-api-key": key } }))
  await response.text()
  if (response.status !== 200 && response.status !== 503) throw new Error(`answered ${response.status}`)
}

for (let sent = 0; sent < requests;) {
  for (const end = sent + requests / 10; sent < end; sent++) await ask(`mock_503_x2_then_ok.${sent % keys}`)
  globalThis.gc?.()
  const { heapUsed, rss } = process.memoryUsage()
  heaps.push(heapUsed)
  rows.push({
    name: `${sent} requests`,
    "RSS MB": (rss / megabyte).toFixed(0),
    "heap MB": (heapUsed / megabyte).toFixed(0)
  })
}

const { rss } = process.memoryUsage()
report(rows, {
  "MB of RSS at the end": [rss / megabyte, "at most", 400],
  "times the heap after the first 100,000": [(heaps.at(-1) ?? 0) / (heaps[0] ?? 1), "at most", 1.5]
})
