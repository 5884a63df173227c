/** Limits as arguments and replies of scripts. In a reply a limit is its index in the machine's list. */
import * as Array from "effect/Array"
import type { Reserved } from "./holds.ts"
import type { Limit, Named, Standing, Stop } from "./limits.ts"
import { units } from "./units.ts"

/** Each limit is two arguments: every, and the label. */
export const named = (limits: ReadonlyArray<Named>) => limits.flatMap(({ every, label = "" }) => [every, label])

/** Each limit is three arguments: credits, every, and the label. */
export const applied = (limits: ReadonlyArray<Limit>) =>
  limits.flatMap(({ credits, every, label = "" }) => [credits, every, label])

/** Decodes `limit spent reserved resetsAt`. */
export const stopOf = (limits: ReadonlyArray<Limit>) => (reply: string): Stop => {
  const [limit = 0, spent = 0, reserved = 0, resetsAt = 0] = reply.split(" ").map(Number)
  return { limit: Array.getUnsafe(limits, limit), spent: units(spent), reserved: units(reserved), resetsAt }
}

/** Decodes the sum of all that is reserved, and pairs of a label and what is reserved under it. */
export const reservedOf = (all: number, reply: ReadonlyArray<string | number>): Reserved => ({
  all: units(all),
  byLabel: new Map(
    reply.flatMap((label, index) => index % 2 === 0 ? [[String(label), units(Number(reply[index + 1]))]] : [])
  )
})

/** Decodes four numbers for each limit. */
export const standingsOf = (limits: ReadonlyArray<Limit>, reply: ReadonlyArray<number>): ReadonlyArray<Standing> =>
  limits.map((limit, index) => {
    const [spent = 0, reserved = 0, resetsAt = 0, incomplete = 1] = reply.slice(4 * index)
    return { limit, spent: units(spent), reserved: units(reserved), resetsAt, incomplete: incomplete === 1 }
  })
