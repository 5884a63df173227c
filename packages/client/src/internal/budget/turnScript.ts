/** `turn.ts` on Redis: the atomic look at who asks. A program whose budget is in memory does not ship it. */
import * as Effect from "effect/Effect"
import type { On } from "./onlooker.ts"
import { type Head, script } from "./prelude.ts"
import type { TakeTurn, Turn } from "./turn.ts"
import { units } from "./units.ts"

/** The reply ends with the kind of turn and, when that is `shared`, the reading. The asking tells of closed books. */
const take = script<[ticketName: string, ticketSeq: number, span: number]>(`
local after = { name = ARGV[first], seq = tonumber(ARGV[first + 1]) }
local span, kind, seqOf, at, available = tonumber(ARGV[first + 2]), "ask", 0, 0, 0
if meta[11] then
  seqOf, at, available = string.match(meta[11], "^(%d+) (%d+) (-?%d+)$")
  seqOf, at, available = tonumber(seqOf), tonumber(at), tonumber(available)
end
local askedAfter, askedAt = string.match(redis.call("HGET", key, "asked") or "", "^(%d+) (%d+)$")
if open and after.name == name and seqOf > after.seq and now - at < span then
  kind = "shared"
elseif open and tonumber(askedAfter) == seqOf and now - tonumber(askedAt) < span then
  kind = "later"
else
  redis.call("HSET", key, "asked", int(seqOf) .. " " .. int(now))
end
save()
return reply(kind, seqOf, at, available)
`).withReturnType<readonly [...Head, kind: Turn["_tag"], seq: number, at: number, available: number]>()

export const taker = (on: On): TakeTurn => {
  const run = on(take)
  return (after, span) =>
    Effect.map(run(after.name, after.seq, span), ([, name, , , kind, seq, at, available]): Turn =>
      kind === "shared"
        ? { _tag: "shared", ticket: { name, seq, at }, available: units(available) }
        : { _tag: kind })
}
