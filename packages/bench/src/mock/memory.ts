/**
 * Memory over 1,000,000 requests of 10,000 keys with the journal on. The memory of the process must stop growing: the
 * heap after the last tenth may be only a little larger than after the first.
 */
import { createMockServer } from "@effect-pollo/mock-server"
import { atMost, type Section } from "../report.ts"

const keys = 10_000
const url = "http://mock/api/platform/credit/balance"
const megabyte = 1_048_576

export const mockMemory = async (quick: boolean, progress: (text: string) => void): Promise<Section> => {
  const requests = quick ? 100_000 : 1_000_000
  const server = createMockServer()
  const rows: Array<ReadonlyArray<string>> = []
  const heaps: Array<number> = []
  for (let sent = 0; sent < requests;) {
    for (const end = sent + requests / 10; sent < end; sent++) {
      const headers = { "x-api-key": `mock_503_x2_then_ok.${sent % keys}` }
      const response = await server.fetch(new Request(url, { headers }))
      await response.text()
      if (response.status !== 200 && response.status !== 503) throw new Error(`answered ${response.status}`)
    }
    progress(`mock server: ${sent} requests`)
    globalThis.gc?.()
    const { heapUsed, rss } = process.memoryUsage()
    heaps.push(heapUsed)
    rows.push([`${sent} requests`, (rss / megabyte).toFixed(0), (heapUsed / megabyte).toFixed(0)])
  }
  return {
    title: "The memory of the mock server",
    text: `${requests} requests of ${keys} keys, with the journal on.`,
    columns: ["", "RSS MiB", "heap MiB"],
    rows,
    gates: [
      atMost("MiB of RSS at the end", process.memoryUsage().rss / megabyte, 400),
      atMost("times the heap after the first tenth", (heaps.at(-1) ?? 0) / (heaps[0] ?? 1), 1.5)
    ]
  }
}
