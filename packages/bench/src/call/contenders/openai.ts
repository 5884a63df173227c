/** The core of a generated SDK: its generic `get`, with the retries and the time-out that it has by itself. */
import OpenAI from "openai"
import { type Balance, baseUrlOf, type Read } from "../read.ts"

const make = (url: string): Read => {
  const client = new OpenAI({ apiKey: "bench", baseURL: baseUrlOf(url), timeout: 5000, maxRetries: 3 })
  return async () => (await client.get<Balance>("/credit/balance")).availableCredits
}

export default make
