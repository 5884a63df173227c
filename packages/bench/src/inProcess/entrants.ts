/** The entrants of the benchmark without a socket, each an export. */
import { ours } from "../call/ours.ts"
import { plain } from "../call/plain.ts"
import type { Read } from "../call/read.ts"
import { otherTransport, respond, webTransport } from "./canned.ts"

export const canned = (): Read => async () => (await (await respond()).json()).availableCredits
export const plainWeb = (url: string): Read => plain(url, webTransport)
export const oursWeb = (url: string): Read => ours(url, webTransport)
export const plainOther = (url: string): Read => plain(url, otherTransport)
export const oursOther = (url: string): Read => ours(url, otherTransport)
