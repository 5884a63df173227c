/** The core of a generated SDK: its generic `get`, with its built-in retries and time-out. */
import OpenAI from "openai"
import { type Balance, baseUrlOf, type Read } from "../read.ts"

const make = (url: string): Read => {
  const client = new OpenAI({ apiKey: "bench", baseURL: baseUrlOf(url), timeout: 5000, maxRetries: 3 })
  return async () => (await client.get<Balance>("/credit/balance")).availableCredits
}

export default make
