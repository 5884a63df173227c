import { FetchHttpClient } from "effect/http"
import { ours } from "../ours.ts"
import type { Read } from "../read.ts"

const make = (url: string): Read => ours(url, FetchHttpClient.layer)

export default make
