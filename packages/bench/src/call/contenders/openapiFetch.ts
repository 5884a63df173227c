import createClient from "openapi-fetch"
import { type Balance, baseUrlOf, type Read } from "../read.ts"

interface Paths {
  "/credit/balance": {
    get: { responses: { 200: { content: { "application/json": Balance } } } }
  }
}

const make = (url: string): Read => {
  const client = createClient<Paths>({ baseUrl: baseUrlOf(url), headers: { "x-api-key": "bench" } })
  return async () => (await client.GET("/credit/balance")).data?.availableCredits ?? Number.NaN
}

export default make
