import { create } from "axios"
import { Agent } from "node:http"
import type { Balance, Read } from "../read.ts"

const make = (url: string): Read => {
  const client = create({
    timeout: 5000,
    headers: { "x-api-key": "bench" },
    httpAgent: new Agent({ keepAlive: true })
  })
  return async () => (await client.get<Balance>(url)).data.availableCredits
}

export default make
