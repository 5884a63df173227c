/**
 * `tallies.ts` and `limits.ts` in Lua, for the prelude. Of the fields of the books, with the empty label for all:
 *
 * - `limits:<label>`: the lengths of the periods for which totals are kept, each as `every since named`
 * - `starts:<every>:<label>`: the beginnings of the periods that have a total
 * - `total:<every>:<start>:<label>`: a total, as `all held`
 */
import { mostPeriods } from "./tallies.ts"

/** What keeps totals up to date, and is saved at the end. */
export const tallies = `
local kept, totals, starts, dirty = {}, {}, {}, {}
local function lengths(whose)
  if not kept[whose] then
    local list, text = {}, meta[14]
    if whose ~= "" then text = redis.call("HGET", key, "limits:" .. whose) end
    for every, since, named in string.gmatch(text or "", "(%d+) (%d+) (%d+)") do
      list[#list + 1] = { every = tonumber(every), since = tonumber(since), named = tonumber(named) }
    end
    kept[whose] = list
  end
  return kept[whose]
end
local function total_of(whose, every, start)
  local field = "total:" .. int(every) .. ":" .. int(start) .. ":" .. whose
  if not totals[field] then
    local all, held = string.match(redis.call("HGET", key, field) or "0 0", "^(%d+) (%d+)$")
    totals[field] = { all = tonumber(all), held = tonumber(held) }
  end
  return totals[field], field
end
local function starts_of(whose, every)
  local field = "starts:" .. int(every) .. ":" .. whose
  if not starts[field] then
    local list = {}
    for start in string.gmatch(redis.call("HGET", key, field) or "", "%d+") do list[#list + 1] = start end
    starts[field] = list
  end
  return starts[field], field
end
local function clear(whose, every, start)
  local total, field = total_of(whose, every, start)
  total.all, total.held = 0, 0
  dirty[field] = total
end
local function change(whose, every, start, all, held)
  local total, field = total_of(whose, every, start)
  local was = total.all > 0
  total.all = math.max(0, math.min(total.all + all, 9007199254740991))
  total.held = math.max(0, math.min(total.held + held, total.all))
  dirty[field] = total
  if was == (total.all > 0) then return end
  local list, name = starts_of(whose, every)
  dirty[name] = list
  if was then
    for i = #list, 1, -1 do
      if tonumber(list[i]) == start then table.remove(list, i) end
    end
    return
  end
  list[#list + 1] = int(start)
  if #list <= ${mostPeriods} then return end
  local current, oldest = clock - clock % every, nil
  for i, begun in ipairs(list) do
    local isOlder = not oldest or tonumber(begun) < tonumber(list[oldest])
    if tonumber(begun) ~= current and isOlder then oldest = i end
  end
  clear(whose, every, tonumber(table.remove(list, oldest)))
end
local function shift(label, since, all, held)
  if all == 0 and held == 0 then return end
  for _, whose in ipairs(label == "" and { "" } or { "", label }) do
    for _, limit in ipairs(lengths(whose)) do change(whose, limit.every, since - since % limit.every, all, held) end
  end
end
local function save_totals(set)
  for field, value in pairs(dirty) do
    local text = value.all and (int(value.all) .. " " .. int(value.held)) or table.concat(value, " ")
    set(field, value.all ~= 0 and text)
  end
end
`

/** What begins to keep them, and what is known of a limit. Limits follow in twos, every and label. */
export const named = `
local function name_limits()
  local fresh = {}
  for i = first, #ARGV, 2 do
    local every, whose = tonumber(ARGV[i]), ARGV[i + 1]
    local list, known, isChanged = lengths(whose), nil, false
    for _, limit in ipairs(list) do
      if limit.every == every then known = limit end
    end
    if not known then
      list[#list + 1] = { every = every, since = clock, named = clock }
      fresh[#fresh + 1] = { every = every, whose = whose }
      isChanged = true
    elseif clock - known.named >= every then
      known.named = clock
      isChanged = true
    end
    for at = #list, 1, -1 do
      local old = list[at]
      if clock - old.named > ${mostPeriods} * old.every then
        local begun, name = starts_of(whose, old.every)
        for _, start in ipairs(begun) do clear(whose, old.every, tonumber(start)) end
        starts[name] = {}
        dirty[name] = starts[name]
        table.remove(list, at)
        isChanged = true
      end
    end
    if isChanged then
      local text = {}
      for _, limit in ipairs(list) do
        text[#text + 1] = int(limit.every) .. " " .. int(limit.since) .. " " .. int(limit.named)
      end
      redis.call("HSET", key, "limits:" .. whose, table.concat(text, " "))
    end
  end
  if #fresh == 0 then return end
  local fields = all_fields()
  for field, value in pairs(fields) do
    local id = string.match(field, "^hold:(.+)$")
    if id then
      local hold = parse(value, fields["tag:" .. id])
      local all, held = total_in(hold)
      for _, limit in ipairs(fresh) do
        local isUnder = limit.whose == "" or limit.whose == hold.label
        if isUnder and all > 0 then
          change(limit.whose, limit.every, hold.since - hold.since % limit.every, all, held)
        end
      end
    end
  end
end
local function standings()
  local list = {}
  for i = first, #ARGV, 2 do
    local every, whose = tonumber(ARGV[i]), ARGV[i + 1]
    local start = clock - clock % every
    local total, since = total_of(whose, every, start), clock
    for _, limit in ipairs(lengths(whose)) do
      if limit.every == every then since = limit.since end
    end
    list[#list + 1] = total.all - total.held
    list[#list + 1] = total.held
    list[#list + 1] = start + every
    list[#list + 1] = start < math.max(since, namedAt) and 1 or 0
  end
  return list
end
`

/** What weighs costs against the limits of a machine: they follow in threes, credits, every and label. */
export const judge = `
local weighed, under = {}, {}
local function read_limits(from, count)
  for i = 1, count do
    local at = from + 3 * (i - 1)
    local every, whose = tonumber(ARGV[at + 1]), ARGV[at + 2]
    local start = clock - clock % every
    local limit = { index = i - 1, credits = tonumber(ARGV[at]), total = total_of(whose, every, start),
      resetsAt = start + every, ahead = 0 }
    weighed[i] = limit
    under[whose] = under[whose] or {}
    table.insert(under[whose], limit)
  end
end
local function over(label)
  local list = {}
  for _, whose in ipairs(label == "" and { "" } or { "", label }) do
    for _, limit in ipairs(under[whose] or {}) do list[#list + 1] = limit end
  end
  return list
end
local function stopping(label, cost)
  local list = {}
  for _, limit in ipairs(over(label)) do
    if limit.isClosed or limit.total.all + limit.ahead + cost > limit.credits then list[#list + 1] = limit end
  end
  return list
end
local function close(list, cost)
  for _, limit in ipairs(list) do
    limit.isClosed = true
    limit.ahead = limit.ahead + cost
  end
end
local function keep(label, cost)
  for _, limit in ipairs(over(label)) do limit.ahead = limit.ahead + cost end
end
local function stop(limit, ahead)
  local spent = limit.total.all - limit.total.held
  return limit.index .. " " .. int(spent) .. " " .. int(limit.total.held + ahead) .. " " .. int(limit.resetsAt)
end
local function report(list)
  local last
  for _, limit in ipairs(list) do
    local isLater = not last or limit.resetsAt > last.resetsAt
    if isLater or (limit.resetsAt == last.resetsAt and limit.index < last.index) then last = limit end
  end
  return stop(last, last.ahead)
end
`
