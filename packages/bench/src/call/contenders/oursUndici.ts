import { NodeHttpClient } from "@effect/platform-node"
import { ours } from "../ours.ts"
import type { Read } from "../read.ts"

const make = (url: string): Read => ours(url, NodeHttpClient.layerUndici)

export default make
