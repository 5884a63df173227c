import got from "got"
import { Agent } from "node:http"
import type { Balance, Read } from "../read.ts"

const make = (url: string): Read => {
  const client = got.extend({
    timeout: { request: 5000 },
    retry: { limit: 3 },
    headers: { "x-api-key": "bench" },
    agent: { http: new Agent({ keepAlive: true }) }
  })
  return async () => (await client(url).json<Balance>()).availableCredits
}

export default make
