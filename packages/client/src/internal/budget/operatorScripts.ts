/** The scripts for operators. */
import { type Head, script } from "./prelude.ts"
import { trail } from "./trailScript.ts"

/**
 * Replies with id, hold and tag of each, and with what makes a time of Redis's own clock of one of the books. Takes
 * Redis about 3 milliseconds for each 1,000 holds.
 */
export const list = script<[]>(`
if fresh ~= "" then save() end
local all, fields = {}, all_fields()
for field, value in pairs(fields) do
  local id = string.match(field, "^hold:(.+)$")
  if id then all[#all + 1] = { id, value, fields["tag:" .. id] } end
end
return reply(clock - now, all)
`).withReturnType<readonly [...Head, clockLessTime: number, holds: ReadonlyArray<Listed>]>()

/** The tag is absent from a hold of version 0.1.0. */
export type Listed = readonly [id: string, hold: string, tag?: string]

/** `holds.ts`'s `free`. The hold is absent from the reply when there is none by that id. */
export const free = script<[id: string, freedFor: number]>(`
local id = ARGV[first]
${trail}
local hold, tag = unpack(redis.call("HMGET", key, "hold:" .. id, "tag:" .. id))
if hold then
  local freed_hold = load(id)
  if freed_hold.phase ~= "waiting" then
    follow()
    is_gone(freed_hold.amount, false)
    keep_trail()
  end
  drop(id, freed_hold.phase == "spent")
  redis.call("ZREMRANGEBYSCORE", freed, "-inf", int(now - tonumber(ARGV[first + 1])))
  redis.call("ZADD", freed, int(now), id)
end
if hold or fresh ~= "" then save() end
local label = tag and string.match(tag, "^%d+ %d+ (.+)$")
local byLabel = label and { label, sum_of(label) } or {}
return reply(reserved, byLabel, clock - now, hold and { id, hold, tag or nil } or nil)
`).withReturnType<
  readonly [
    ...Head,
    reserved: number,
    byLabel: ReadonlyArray<string | number>,
    clockLessTime: number,
    hold?: Listed
  ]
>()
