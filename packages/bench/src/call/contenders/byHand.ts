/** What people write by hand: fetch, a schema, a time-out and three retries. */
import { setTimeout as sleep } from "node:timers/promises"
import { z } from "zod"
import type { Read } from "../read.ts"

const Balance = z.object({ availableCredits: z.number(), totalCredits: z.number() })

const make = (url: string): Read => async () => {
  for (let attempt = 0;; attempt++) {
    try {
      const response = await fetch(url, { headers: { "x-api-key": "bench" }, signal: AbortSignal.timeout(5000) })
      if (response.status >= 500 || response.status === 429) throw new Error(`status ${response.status}`)
      return Balance.parse(await response.json()).availableCredits
    } catch (error) {
      if (attempt >= 3) throw error
      await sleep(250 * 2 ** attempt)
    }
  }
}

export default make
