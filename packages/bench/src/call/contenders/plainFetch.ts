import { FetchHttpClient } from "effect/http"
import { plain } from "../plain.ts"
import type { Read } from "../read.ts"

const make = (url: string): Read => plain(url, FetchHttpClient.layer)

export default make
