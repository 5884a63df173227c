/**
 * How each script on the books of an account begins: `loss.ts` and `holds.ts` in Lua. The books are one hash:
 *
 * - `hold:<id>`: a hold, as `phase amount seq at`, and `tag:<id>`: the rest of it, as `since counted label`
 * - `reading`: the reading in use, as `seq at available`
 * - `trail`: what readings came to, as `trailScript.ts` says
 * - `name`, `server`, `open`, `why`, `namedAt`: which books these are, whether they admit anybody, and since when
 * - `seq`, `now`: the counter, and the time of the books
 * - `clock`: Redis's own clock at the latest operation, and the time of the books by then
 * - `reserved`, `waiting`: the sums of the holds; `label:<label>`: of `reserved`, what is held under a label
 * - `count`: how many holds there are, and how many of them wait
 * - `asked`: when a machine last went for a reading that the fleet shares, as `turn.ts` says
 * - the totals that limits are compared with, as `tallyScript.ts` says
 *
 * and a sorted set for each order of `holds.ts`, with the same hash tag: `line` by place, `leases`, `spent` and `lost`
 * by time. They only repeat what the hash says, and are rebuilt from it when they differ. `freed` has the ids that an
 * operator has freed, by time.
 *
 * Machines with version 0.1.0 may use the same books during an upgrade. They know the hash alone, and of it `epoch`
 * (the name), `closedUntil` (the end of the window), `now`, `seq`, `reserved`, `reading` and the holds. They write
 * `reserved` without a fraction, and here it ends with `.0`, so that what they have changed is noticed. Holds of theirs
 * have no tag, and tags are left behind by holds that they drop; the trail begins anew after them.
 *
 * Amounts and times are whole numbers that a double holds exactly. Each reply begins with whether the books are open,
 * their name, their counter, and why they were given the name.
 */
import * as Redis from "effect/persistence/Redis"
import type { BudgetKeys } from "../redis/keys.ts"
import type { Known, NewBooks, Why } from "./loss.ts"
import { tallies } from "./tallyScript.ts"

/** The first arguments of every script. */
export interface Common {
  readonly keys: BudgetKeys
  /** Empty for an onlooker, who neither names books nor opens or closes them. */
  readonly fresh: string
  readonly waited: string
  readonly known: Known
  readonly newBooks: NewBooks
  readonly lease: number
  readonly lag: number
  /** For how long nobody is admitted after a loss. */
  readonly closedFor: number
}

/** The beginning of every reply. Nothing follows it if the books are closed. */
export type Head = readonly [open: 0 | 1, name: string, seq: number, why: Why]

const prelude = `
local key, line, leases, spent, lost, freed = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local fresh, waited, newBooks = ARGV[1], ARGV[2], ARGV[3]
local known = { name = ARGV[4], seq = tonumber(ARGV[5]), past = " " .. ARGV[6] .. " " }
local lease, lag, closedFor = tonumber(ARGV[7]), tonumber(ARGV[8]), tonumber(ARGV[9])
local first = 10
local function int(n) return string.format("%.0f", n) end

local meta = redis.call("HMGET", key, "name", "server", "open", "why", "seq", "now", "clock",
  "reserved", "waiting", "count", "reading", "epoch", "namedAt", "limits:")
local time = redis.call("TIME")
local micros = tonumber(time[1]) * 1000000 + tonumber(time[2])
local clock = math.floor(micros / 1000)
local run = string.match(redis.call("INFO", "server"), "run_id:(%w+)")
local reign = string.match(redis.call("INFO", "replication"), "master_replid:(%w+)")
if not run or not reign then
  return redis.error_reply("NOINFO this server's INFO tells no run_id or no master_replid")
end
local server = run .. " " .. reign
local name, open, why = meta[1] or "", meta[3] == "1", meta[4] or "new"
local seq, now = tonumber(meta[5]) or 0, tonumber(meta[6]) or 0
local reserved, waiting = tonumber(meta[8]) or 0, tonumber(meta[9]) or 0
local namedAt = tonumber(meta[13]) or 0
local count, places = string.match(meta[10] or "0 0", "^(%d+) (%d+)$")
count, places = tonumber(count), tonumber(places)

local isNew = name == ""
if isNew then
  now = math.max(now, clock)
else
  local before, by = string.match(meta[7], "^(%d+) (%d+)$")
  now = math.max(now, tonumber(by) + math.max(0, clock - tonumber(before)))
end
local isOlder
if known.name == name then
  isOlder = known.seq > seq
else
  isOlder = string.find(known.past, " " .. name .. " ", 1, true)
end
local isLost = fresh ~= "" and (isNew or meta[2] ~= server or isOlder)
if isLost then
  why = isNew and "new" or meta[2] == server and "older" or "server"
  open = isNew and newBooks == "open" and known.name == ""
  name, namedAt = fresh, clock
  redis.call("HSET", key, "name", name, "namedAt", int(namedAt), "server", server, "open", open and 1 or 0, "why", why,
    "epoch", open and meta[12] or int(math.max(micros, (tonumber(meta[12]) or 0) + 1)),
    "closedUntil", int(open and 0 or now + closedFor))
end
if name == waited and name ~= "" and not open then
  open = true
  redis.call("HSET", key, "open", 1, "closedUntil", 0)
end
local function reply(...) return { open and 1 or 0, name, seq, why, ... } end

${tallies}
local holds = {}
local function parse(value, tag)
  local phase, amount, seq, at = string.match(value, "^(%a+) (%d+) (%d+) (%d+)$")
  local since, counted, label = string.match(tag or "0 0 ", "^(%d+) (%d+) (.*)$")
  return { phase = phase, amount = tonumber(amount), seq = tonumber(seq), at = tonumber(at),
    since = tonumber(since), counted = tonumber(counted), label = label }
end
local function load(id)
  if not holds[id] then
    local value = redis.call("HMGET", key, "hold:" .. id, "tag:" .. id)
    if value[1] then holds[id] = parse(value[1], value[2]) end
  end
  return holds[id]
end
local function mark_of(hold, since, label)
  if hold and hold.phase ~= "waiting" then return hold end
  return { since = tonumber(since), label = label }
end
local function total_in(hold)
  if not hold or hold.phase == "waiting" then return 0, 0 end
  return hold.counted, hold.phase == "active" and hold.counted or 0
end
local function all_fields()
  local raw, fields = redis.call("HGETALL", key), {}
  for i = 1, #raw, 2 do fields[raw[i]] = raw[i + 1] end
  return fields
end
local sums, touched = {}, {}
local function sum_of(label)
  sums[label] = sums[label] or tonumber(redis.call("HGET", key, "label:" .. label) or 0)
  return sums[label]
end
local function count_in(hold, sign)
  count = count + sign
  if hold.phase == "waiting" then
    waiting, places = waiting + sign * hold.amount, places + sign
  else
    reserved = reserved + sign * hold.amount
    if hold.label ~= "" then
      sums[hold.label] = sum_of(hold.label) + sign * hold.amount
      touched[hold.label] = true
    end
  end
end
local orders = { waiting = { line, leases }, active = { leases }, spent = { spent }, lost = { lost } }
local function enlist(id, hold)
  if hold.phase == "waiting" then redis.call("ZADD", line, int(hold.seq), id) end
  redis.call("ZADD", hold.phase == "spent" and spent or hold.phase == "lost" and lost or leases, int(hold.at), id)
end
local function drop(id, isShown)
  local hold = load(id)
  if not hold then return end
  local all, held = total_in(hold)
  if not isShown then shift(hold.label, hold.since, -all, -held) end
  count_in(hold, -1)
  for _, order in ipairs(orders[hold.phase]) do redis.call("ZREM", order, id) end
  holds[id] = nil
  redis.call("HDEL", key, "hold:" .. id, "tag:" .. id)
end
local function put(id, phase, amount, seq, at, mark, counted)
  local before = load(id)
  if before then
    count_in(before, -1)
    if before.phase ~= phase then
      for _, order in ipairs(orders[before.phase]) do redis.call("ZREM", order, id) end
    end
  end
  holds[id] = { phase = phase, amount = amount, seq = seq, at = at,
    since = mark.since, label = mark.label, counted = counted }
  local hold, all, held = holds[id], total_in(holds[id])
  local allBefore, heldBefore = total_in(before)
  shift(hold.label, hold.since, all - allBefore, held - heldBefore)
  count_in(hold, 1)
  enlist(id, hold)
  redis.call("HSET", key, "hold:" .. id, phase .. " " .. int(amount) .. " " .. int(seq) .. " " .. int(at),
    "tag:" .. id, int(hold.since) .. " " .. int(counted) .. " " .. hold.label)
end
local function save()
  local fields = { "seq", int(seq), "now", int(now), "clock", int(clock) .. " " .. int(now),
    "reserved", int(reserved) .. ".0", "waiting", int(waiting), "count", int(count) .. " " .. int(places) }
  local function set(field, text)
    if text and text ~= "" then
      fields[#fields + 1] = field
      fields[#fields + 1] = text
      if #fields < 2000 then return end
      redis.call("HSET", key, unpack(fields))
      fields = {}
    else
      redis.call("HDEL", key, field)
    end
  end
  for label in pairs(touched) do set("label:" .. label, sums[label] ~= 0 and int(sums[label])) end
  save_totals(set)
  if #fields > 0 then redis.call("HSET", key, unpack(fields)) end
end

local function card(order) return redis.call("ZCARD", order) end
local ours = string.sub(meta[8] or "", -2) == ".0"
if isLost or not ours or card(leases) + card(spent) + card(lost) ~= count or card(line) ~= places then
  redis.call("DEL", line, leases, spent, lost)
  if not ours then redis.call("HDEL", key, "trail") end
  reserved, waiting, count, places = 0, 0, 0, 0
  local fields, active = all_fields(), {}
  for field in pairs(fields) do
    local label = string.match(field, "^label:(.+)$")
    if label then sums[label], touched[label] = 0, true end
  end
  for field, value in pairs(fields) do
    local kind, id = string.match(field, "^(%a+):(.+)$")
    if kind == "hold" then
      holds[id] = parse(value, fields["tag:" .. id])
      count_in(holds[id], 1)
      enlist(id, holds[id])
      if holds[id].phase == "active" then active[#active + 1] = holds[id] end
    elseif kind == "tag" and not fields["hold:" .. id] then
      redis.call("HDEL", key, field)
    elseif kind == "total" and not ours then
      local every, start, whose = string.match(id, "^(%d+):(%d+):(.*)$")
      local total, name = total_of(whose, tonumber(every), tonumber(start))
      total.held = 0
      dirty[name] = total
    end
  end
  if not ours then
    for _, hold in ipairs(active) do shift(hold.label, hold.since, 0, hold.counted) end
  end
end
`

/** A script on the books: the prelude, then what it does. */
export const script = <Rest extends ReadonlyArray<string | number>>(body: string) =>
  Redis.script(
    ({ closedFor, fresh, keys, known, lag, lease, newBooks, waited }: Common, ...rest: Rest) => [
      ...keys,
      fresh,
      waited,
      newBooks,
      known.name,
      known.seq,
      known.past.join(" "),
      lease,
      lag,
      closedFor,
      ...rest
    ],
    { numberOfKeys: 6, lua: prelude + body }
  )
