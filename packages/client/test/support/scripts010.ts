/**
 * The scripts of version 0.1.0, as they were. During an upgrade its machines use the same books as ours.
 */
import * as Redis from "effect/persistence/Redis"

/** What every script is told first. */
export interface Common {
  readonly key: string
  readonly known: string
  readonly lease: number
  readonly lag: number
}

export type Closed = readonly [tag: "closed", epoch: string, millis: number]

const prelude = `
local key = KEYS[1]
local known, lease, lag = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local function int(n) return string.format("%.0f", n) end

local meta = redis.call("HMGET", key, "epoch", "now", "seq", "reserved", "closedUntil", "reading")
local time = redis.call("TIME")
local micros = tonumber(time[1]) * 1000000 + tonumber(time[2])
local epoch = meta[1]
local now = math.max(math.floor(micros / 1000), tonumber(meta[2]) or 0)
local seq, reserved, closedUntil = tonumber(meta[3]) or 0, tonumber(meta[4]) or 0, tonumber(meta[5]) or 0
if not epoch then
  epoch = int(micros)
  redis.call("HSET", key, "epoch", epoch)
end
if known ~= "" and known ~= epoch then
  closedUntil = math.max(closedUntil, math.floor(tonumber(epoch) / 1000) + lease + lag)
  redis.call("HSET", key, "closedUntil", int(closedUntil))
end

local holds = {}
local function take(id, value)
  if not value then return end
  local phase, amount, seq, at = string.match(value, "^(%a+) (%d+) (%d+) (%d+)$")
  holds[id] = { phase = phase, amount = tonumber(amount), seq = tonumber(seq), at = tonumber(at) }
end
local function load(id) take(id, redis.call("HGET", key, "hold:" .. id)) end
local function loadAll()
  local raw = redis.call("HGETALL", key)
  for i = 1, #raw, 2 do
    local id = string.match(raw[i], "^hold:(.+)$")
    if id then take(id, raw[i + 1]) end
  end
end
local function counted(id) return holds[id] and holds[id].phase ~= "waiting" and holds[id].amount or 0 end
local function put(id, phase, amount, seq, at)
  reserved = reserved - counted(id)
  holds[id] = { phase = phase, amount = amount, seq = seq, at = at }
  reserved = reserved + counted(id)
  redis.call("HSET", key, "hold:" .. id, phase .. " " .. int(amount) .. " " .. int(seq) .. " " .. int(at))
end
local function drop(id)
  reserved = reserved - counted(id)
  holds[id] = nil
  redis.call("HDEL", key, "hold:" .. id)
end
local function save()
  redis.call("HSET", key, "seq", int(seq), "now", int(now), "reserved", int(reserved))
end
`

const script = <Rest extends ReadonlyArray<string | number>>(body: string) =>
  Redis.script(
    ({ key, known, lag, lease }: Common, ...rest: Rest) => [key, known, lease, lag, ...rest],
    { numberOfKeys: 1, lua: prelude + body }
  )

export const begin = script<[]>(`
if now < closedUntil then
  save()
  return { "closed", epoch, closedUntil - now }
end
seq = seq + 1
save()
return { "ok", epoch, seq, now }
`).withReturnType<Closed | readonly [tag: "ok", epoch: string, seq: number, at: number]>()

/** Asks follow in threes: id, cost, and 1 for one that waits. `short` holds -1 for one that was admitted. */
export const admit = script<
  [
    ticketEpoch: string,
    ticketSeq: number,
    ticketAt: number,
    available: number | "",
    margin: number,
    ...asks: Array<string | number>
  ]
>(`
if now < closedUntil or ARGV[4] ~= epoch then
  save()
  return { "closed", epoch, math.max(0, closedUntil - now) }
end
loadAll()
local lostSeq = seq + 1
for id, hold in pairs(holds) do
  if hold.at <= now then
    if hold.phase == "waiting" then
      drop(id)
    elseif hold.phase == "active" then
      put(id, "lost", hold.amount, lostSeq, now)
      seq = lostSeq
    end
  end
end

local reading
if meta[6] then
  local readingSeq, at, available = string.match(meta[6], "^(%d+) (%d+) (-?%d+)$")
  reading = { seq = tonumber(readingSeq), at = tonumber(at), available = tonumber(available) }
end
local ticket = { seq = tonumber(ARGV[5]), at = tonumber(ARGV[6]), available = tonumber(ARGV[7]) }
local margin = tonumber(ARGV[8])

if ticket.available and ticket.seq > (reading and reading.seq or 0) then
  reading = ticket
  redis.call("HSET", key, "reading", int(reading.seq) .. " " .. int(reading.at) .. " " .. int(reading.available))
  for id, hold in pairs(holds) do
    local age = reading.at - hold.at - lag
    if
      reading.seq > hold.seq
      and ((hold.phase == "spent" and age >= 0) or (hold.phase == "lost" and age >= lease))
    then
      drop(id)
    end
  end
end

local line, mine, short = {}, {}, {}
for i = 9, #ARGV, 3 do
  local id = ARGV[i]
  local hold = holds[id]
  local place
  if hold and hold.phase == "waiting" then
    place = hold.seq
  else
    seq = seq + 1
    place = seq
  end
  mine[id] = true
  short[#short + 1] = -1
  line[#line + 1] = { id = id, cost = tonumber(ARGV[i + 1]), wait = ARGV[i + 2] == "1", seq = place, index = #short }
end
for id, hold in pairs(holds) do
  if hold.phase == "waiting" and not mine[id] then
    line[#line + 1] = { id = id, cost = hold.amount, seq = hold.seq }
  end
end
table.sort(line, function(a, b) return a.seq < b.seq end)

local ahead = 0
for _, ask in ipairs(line) do
  local hold = holds[ask.id]
  local held = hold and hold.phase ~= "waiting"
  if not ask.index then
    ahead = ahead + ask.cost
  elseif
    held or not ticket.available
    or (reading and reading.available - reserved - ahead - margin >= ask.cost)
  then
    put(ask.id, "active", ask.cost, ask.seq, now + lease)
  else
    short[ask.index] = reserved + ahead
    if ask.wait then
      put(ask.id, "waiting", ask.cost, ask.seq, now + lease)
      ahead = ahead + ask.cost
    else
      drop(ask.id)
    end
  end
end
save()
return { "ok", epoch, reading and reading.available or "", reserved, short }
`).withReturnType<
  | Closed
  | readonly [tag: "ok", epoch: string, available: number | "", reserved: number, short: ReadonlyArray<number>]
>()

export const settle = script<[id: string, amount: number, stated: number]>(`
local id, amount, stated = ARGV[4], tonumber(ARGV[5]), tonumber(ARGV[6])
load(id)
seq = seq + 1
if not holds[id] then amount = math.max(0, amount - stated) end
if amount == 0 then
  drop(id)
else
  put(id, "spent", amount, seq, now)
end
save()
return { "ok", epoch, reserved }
`).withReturnType<readonly [tag: "ok", epoch: string, reserved: number]>()

export const release = script<Array<string>>(`
for i = 4, #ARGV do
  load(ARGV[i])
  drop(ARGV[i])
end
save()
return { "ok", epoch, reserved }
`).withReturnType<readonly [tag: "ok", epoch: string, reserved: number]>()

/** The active holds follow in twos: id and amount. Then the ids of those that wait. */
export const renew = script<[active: number, ...holds: Array<string | number>]>(`
local waiting = 5 + 2 * tonumber(ARGV[4])
for i = 5, waiting - 1, 2 do
  load(ARGV[i])
  local hold = holds[ARGV[i]]
  if not hold or hold.phase ~= "spent" then
    put(ARGV[i], "active", tonumber(ARGV[i + 1]), hold and hold.seq or 0, now + lease)
  end
end
for i = waiting, #ARGV do
  load(ARGV[i])
  local hold = holds[ARGV[i]]
  if hold and hold.phase == "waiting" then put(ARGV[i], "waiting", hold.amount, hold.seq, now + lease) end
end
save()
return { "ok", epoch }
`).withReturnType<readonly [tag: "ok", epoch: string]>()

export const totals = script<[]>(`
loadAll()
local waiting, reservations = 0, 0
for _, hold in pairs(holds) do
  if hold.phase == "waiting" then waiting = waiting + hold.amount else reservations = reservations + 1 end
end
save()
local available = meta[6] and tonumber(string.match(meta[6], "%S+$")) or ""
return { "ok", epoch, available, reserved, waiting, reservations }
`).withReturnType<
  readonly [tag: "ok", epoch: string, available: number | "", reserved: number, waiting: number, reservations: number]
>()
