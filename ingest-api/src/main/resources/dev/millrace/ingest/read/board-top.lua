#!lua flags=no-writes
-- Reads a stretch of a board, from its top or from behind a cursor.
-- KEYS: ranks, players
-- ARGV: how many; then, behind a cursor, the score as ranked and the member that it names
-- Returns: STRETCH rank of the first from 0, 1 if more follow or else 0, then for each: member, score as ranked, what is shown
local ranks, players, count = KEYS[1], KEYS[2], tonumber(ARGV[1])

-- Members are ordered byte by byte; Lua's own < goes by the locale.
local function stands_before(one, other)
  for i = 1, math.min(#one, #other) do
    local a, b = string.byte(one, i), string.byte(other, i)
    if a ~= b then
      return a < b
    end
  end
  return #one < #other
end

-- The cursor's member may have moved or gone since, so its place is searched among those of its score.
local function rank_behind(score, member)
  local low = redis.call('ZCOUNT', ranks, '-inf', '(' .. score)
  local high = redis.call('ZCOUNT', ranks, '-inf', score)
  while low < high do
    local middle = math.floor((low + high) / 2)
    if stands_before(member, redis.call('ZRANGE', ranks, middle, middle)[1]) then
      high = middle
    else
      low = middle + 1
    end
  end
  return low
end

local first = ARGV[2] and rank_behind(ARGV[2], ARGV[3]) or 0
local standing = redis.call('ZRANGE', ranks, first, first + count, 'WITHSCORES')
local answer = { 'STRETCH', first, 0 }
local names = {}
for i = 1, #standing, 2 do
  if #names == count then
    answer[3] = 1
  else
    names[#names + 1] = string.sub(standing[i], 9)
  end
end
if #names > 0 then
  local shown = redis.call('HMGET', players, unpack(names))
  for i = 1, #names do
    answer[3 * i + 1] = standing[2 * i - 1]
    answer[3 * i + 2] = standing[2 * i]
    answer[3 * i + 3] = shown[i] or ''
  end
end
return answer
