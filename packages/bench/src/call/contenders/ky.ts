import ky from "ky"
import type { Balance, Read } from "../read.ts"

const make = (url: string): Read => {
  const client = ky.create({ timeout: 5000, retry: 3, headers: { "x-api-key": "bench" } })
  return async () => (await client.get(url).json<Balance>()).availableCredits
}

export default make
