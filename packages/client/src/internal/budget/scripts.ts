/** `state.ts` in Lua, line by line, an operation a script. `prelude.ts` says how the books are kept. */
import { type Head, script } from "./prelude.ts"
import { judge, named } from "./tallyScript.ts"
import { compare, trail } from "./trailScript.ts"

export type Reply = readonly [...Head, ...ReadonlyArray<unknown>]

/** Limits follow in twos: every, and the label (empty for all). */
export const begin = script<Array<string | number>>(`
${named}
name_limits()
if not open then
  save()
  return reply()
end
seq = seq + 1
save()
return reply(now)
`).withReturnType<Head | readonly [...Head, at: number]>()

/**
 * Limits follow in threes, credits, every and label (empty for all), as many as `limits` says; then asks in fours: id,
 * cost, label (empty without one), and 1 for one that waits. `more` is 1 for yes, and `short` holds -1 for one that was
 * admitted, a text for one that a limit stops, and else what was reserved before.
 */
export const admit = script<
  [
    machine: string,
    most: number,
    ticketName: string,
    ticketSeq: number,
    ticketAt: number,
    available: number | "",
    margin: number,
    limits: number,
    ...limitsAndAsks: Array<string | number>
  ]
>(`
local mine, most = ARGV[first] .. ".", tonumber(ARGV[first + 1])
local ticket = { name = ARGV[first + 2], seq = tonumber(ARGV[first + 3]), at = tonumber(ARGV[first + 4]) }
local available, margin, limits = tonumber(ARGV[first + 5]), tonumber(ARGV[first + 6]), tonumber(ARGV[first + 7])
${judge}
if not open or ticket.name ~= name then
  save()
  return reply()
end

local lostSeq = seq + 1
for _, id in ipairs(redis.call("ZRANGEBYSCORE", leases, "-inf", int(now))) do
  local hold = load(id)
  if hold.phase == "waiting" then
    drop(id)
  else
    put(id, "lost", hold.amount, lostSeq, now, hold, hold.counted)
    seq = lostSeq
  end
end

${trail}${compare}
local reading, missing, span = nil, 0, 0
if meta[11] then
  local readingSeq, at, available = string.match(meta[11], "^(%d+) (%d+) (-?%d+)$")
  reading = { seq = tonumber(readingSeq), at = tonumber(at), available = tonumber(available) }
end
if available and ticket.seq > (reading and reading.seq or 0) then
  reading = { seq = ticket.seq, at = ticket.at, available = available }
  redis.call("HSET", key, "reading", int(reading.seq) .. " " .. int(reading.at) .. " " .. int(reading.available))
  local function take(order, span)
    for _, id in ipairs(redis.call("ZRANGEBYSCORE", order, "-inf", int(reading.at - span))) do
      local hold = load(id)
      if hold.seq < reading.seq then
        is_gone(hold.amount, hold.phase == "spent")
        drop(id, true)
      end
    end
  end
  follow()
  take(spent, lag)
  take(lost, lease + lag)
  missing, span = compare_trail(reading)
  keep_trail()
end
local function suffices(cost, ahead)
  return not available or (reading and reading.available - reserved - ahead - margin >= cost)
end

read_limits(first + 8, limits)
local admitted, ahead, stopped, position, walks = {}, 0, 0, 0, true
while walks do
  local ids = redis.call("ZRANGE", line, position, position + 99)
  walks = #ids > 0
  for _, id in ipairs(ids) do
    local hold = load(id)
    local blocked = stopping(hold.label, hold.amount)
    if #admitted == most and limits == 0 then
      walks = false
    elseif #blocked > 0 then
      close(blocked, hold.amount)
      stopped = stopped + hold.amount
      position = position + 1
    elseif #admitted == most or string.sub(id, 1, #mine) ~= mine then
      keep(hold.label, hold.amount)
      ahead = ahead + hold.amount
      position = position + 1
    elseif suffices(hold.amount, ahead) then
      put(id, "active", hold.amount, hold.seq, now + lease, { since = clock, label = hold.label }, hold.counted)
      admitted[#admitted + 1] = id
    else
      walks = false
    end
    if not walks then break end
  end
end

local short = {}
for i = first + 8 + 3 * limits, #ARGV, 4 do
  local id, cost, label, wait = ARGV[i], tonumber(ARGV[i + 1]), ARGV[i + 2], ARGV[i + 3] == "1"
  local hold = load(id)
  local held = hold and hold.phase ~= "waiting"
  local blocked = held and {} or stopping(label, cost)
  local before = waiting - (hold and hold.phase == "waiting" and hold.amount or stopped)
  local refusal = #blocked > 0 and report(blocked) or reserved + before
  if not hold then seq = seq + 1 end
  local place, mark = hold and hold.seq or seq, { since = hold and hold.since or clock, label = label }
  if held or (not hold and #blocked == 0 and suffices(cost, before)) then
    put(id, "active", cost, place, now + lease, mark, cost)
    short[#short + 1] = -1
  else
    if wait then put(id, "waiting", cost, place, now + lease, mark, cost) end
    if wait and not hold and #blocked > 0 then
      close(blocked, cost)
      stopped = stopped + cost
    end
    short[#short + 1] = refusal
  end
end
save()
local byLabel = {}
for whose in pairs(under) do
  if whose ~= "" then
    byLabel[#byLabel + 1] = whose
    byLabel[#byLabel + 1] = sum_of(whose)
  end
end
local stops = {}
for _, limit in ipairs(weighed) do
  if limit.isClosed then stops[#stops + 1] = stop(limit, 0) end
end
return reply(reading and reading.available or "", reserved, waiting, #admitted == most and 1 or 0, admitted, short,
  clock, stops, byLabel, missing, span)
`).withReturnType<
  | Head
  | readonly [
    ...Head,
    available: number | "",
    reserved: number,
    waiting: number,
    more: 0 | 1,
    admitted: ReadonlyArray<string>,
    short: ReadonlyArray<number | string>,
    since: number,
    stops: ReadonlyArray<string>,
    byLabel: ReadonlyArray<string | number>,
    unexplained: number,
    span: number
  ]
>()

export const settle = script<[id: string, amount: number, stated: number, since: number, label: string]>(`
local id, amount, stated = ARGV[first], tonumber(ARGV[first + 1]), tonumber(ARGV[first + 2])
seq = seq + 1
local hold = load(id)
local left = hold and amount or math.max(0, amount - stated)
local mark = mark_of(hold, ARGV[first + 3], ARGV[first + 4])
if not hold then shift(mark.label, mark.since, left == 0 and amount - stated or -stated, 0) end
if left == 0 then drop(id) else put(id, "spent", left, seq, now, mark, amount) end
save()
return reply(reserved, mark.label == "" and {} or { mark.label, sum_of(mark.label) })
`).withReturnType<readonly [...Head, reserved: number, byLabel: ReadonlyArray<string | number>]>()

export const release = script<Array<string>>(`
local labels = {}
for i = first, #ARGV do
  local hold = load(ARGV[i])
  if hold and hold.label ~= "" then labels[hold.label] = true end
  drop(ARGV[i])
end
save()
local byLabel = {}
for label in pairs(labels) do
  byLabel[#byLabel + 1] = label
  byLabel[#byLabel + 1] = sum_of(label)
end
return reply(reserved, byLabel)
`).withReturnType<readonly [...Head, reserved: number, byLabel: ReadonlyArray<string | number>]>()

/**
 * All follow in fours, id, amount, since and label: the active ones, `active` of them, then those that wait. Replies
 * with those that an operator has freed.
 */
export const renew = script<[active: number, ...holds: Array<string | number>]>(`
local waits, gone = first + 1 + 4 * tonumber(ARGV[first]), {}
for i = first + 1, #ARGV, 4 do
  local id, amount = ARGV[i], tonumber(ARGV[i + 1])
  local hold = load(id)
  local mark = mark_of(hold, ARGV[i + 2], ARGV[i + 3])
  if not hold and redis.call("ZSCORE", freed, id) then
    gone[#gone + 1] = id
  elseif i < waits then
    if not hold or hold.phase ~= "spent" then
      put(id, "active", amount, hold and hold.seq or 0, now + lease, mark, amount)
    end
  else
    if not hold then seq = seq + 1 end
    if not hold or hold.phase == "waiting" then
      put(id, "waiting", amount, hold and hold.seq or seq, now + lease, mark, amount)
    end
  end
end
save()
return reply(gone)
`).withReturnType<readonly [...Head, freed: ReadonlyArray<string>]>()

/** Limits follow in twos, as for `begin`. The last reply has fours: spent, reserved, end of the period, incomplete. */
export const totals = script<Array<string | number>>(`
${named}
name_limits()
if fresh ~= "" then save() end
local available = meta[11] and tonumber(string.match(meta[11], "%S+$")) or ""
return reply(available, reserved, waiting, count - places, standings())
`).withReturnType<
  readonly [
    ...Head,
    available: number | "",
    reserved: number,
    waiting: number,
    reservations: number,
    limits: ReadonlyArray<number>
  ]
>()
