import type { Read } from "../read.ts"

const make = (url: string): Read => async () => {
  const response = await fetch(url, { headers: { "x-api-key": "bench" } })
  const { availableCredits }: { availableCredits: number } = await response.json()
  return availableCredits
}

export default make
