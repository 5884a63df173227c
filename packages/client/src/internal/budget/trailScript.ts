/** `trail.ts` in Lua. The field `trail` of the books has it as numbers, then a bar and the name of the books. */

export const trail = `
local trail
local function follow()
  trail = { gone = 0, unsure = 0, recent = {} }
  local text, of = string.match(redis.call("HGET", key, "trail") or "", "^([^|]*)|(.*)$")
  if of ~= name then return end
  local numbers = {}
  for number in string.gmatch(text, "%S+") do numbers[#numbers + 1] = tonumber(number) end
  trail.gone, trail.unsure = numbers[1], numbers[2]
  if numbers[3] == 1 then trail.top = { value = numbers[4], at = numbers[5] } end
  for i = 6, #numbers, 4 do
    trail.recent[#trail.recent + 1] =
      { value = numbers[i], at = numbers[i + 1], seq = numbers[i + 2], arrived = numbers[i + 3] }
  end
end
local function keep_trail()
  local top = trail.top or { value = 0, at = 0 }
  local texts = { int(trail.gone), int(trail.unsure), trail.top and 1 or 0, int(top.value), int(top.at) }
  for _, recent in ipairs(trail.recent) do
    texts[#texts + 1] = int(recent.value) .. " " .. int(recent.at) .. " " .. int(recent.seq) .. " " .. int(recent.arrived)
  end
  redis.call("HSET", key, "trail", table.concat(texts, " ") .. "|" .. name)
end
local function is_gone(amount, is_sure)
  trail.gone = trail.gone + amount
  if not is_sure then trail.unsure = trail.unsure + amount end
end
`

/** Needs `reading`, whose `lag` and `now` are those of the prelude. Yields what is unexplained, and its span. */
export const compare = `
local function compare_trail(reading)
  local recent, top = {}, trail.top
  for _, level in ipairs(trail.recent) do
    if #recent == 0 and level.seq < reading.seq and level.arrived + lag <= reading.at then
      if not top or level.value > top.value then top = { value = level.value, at = level.at } end
    else
      recent[#recent + 1] = level
    end
  end
  local level = reading.available + trail.gone + reserved
  local missing, span = top and math.max(0, top.value - level) or 0, 0
  if missing > 0 then
    span = now - top.at
    top = { value = level, at = reading.at }
    for _, later in ipairs(recent) do later.value = later.value - missing end
  end
  local own = reading.available + trail.gone - trail.unsure
  local highest = recent[#recent] or top
  if not highest or own > highest.value then
    recent[math.min(#recent + 1, 32)] = { value = own, at = reading.at, seq = seq, arrived = now }
  end
  trail.top, trail.recent = top, recent
  return missing, span
end
`
