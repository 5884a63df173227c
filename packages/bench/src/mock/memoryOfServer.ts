/** Sends the mock server as many requests as it is told, and says ten times what the process holds by then. */
import { createMockServer } from "@effect-pollo/mock-server"

/** Bytes. */
export interface Held {
  readonly sent: number
  readonly rss: number
  readonly heap: number
}

const keys = 10_000
const url = "http://mock/api/platform/credit/balance"
const requests = Number(process.argv[2])

const server = createMockServer()
const held: Array<Held> = []
for (let sent = 0; sent < requests;) {
  for (const end = sent + requests / 10; sent < end; sent++) {
    const headers = { "x-api-key": `mock_503_x2_then_ok.${sent % keys}` }
    const response = await server.fetch(new Request(url, { headers }))
    await response.text()
    if (response.status !== 200 && response.status !== 503) throw new Error(`answered ${response.status}`)
  }
  globalThis.gc?.()
  const { heapUsed, rss } = process.memoryUsage()
  held.push({ sent, rss, heap: heapUsed })
}
console.log(JSON.stringify(held))
