import { ofetch } from "ofetch"
import type { Balance, Read } from "../read.ts"

const make = (url: string): Read => async () =>
  (await ofetch<Balance>(url, { headers: { "x-api-key": "bench" }, retry: 3, timeout: 5000 })).availableCredits

export default make
