import { NodeHttpClient } from "@effect/platform-node"
import { plain } from "../plain.ts"
import type { Read } from "../read.ts"

const make = (url: string): Read => plain(url, NodeHttpClient.layerUndici)

export default make
