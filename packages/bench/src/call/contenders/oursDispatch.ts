import * as Undici from "@effect-pollo/client/undici"
import { ours } from "../ours.ts"
import type { Read } from "../read.ts"

const make = (url: string): Read => ours(url, Undici.layer())

export default make
