#!lua flags=no-writes
-- Reads a stretch of a board, from some rank on or from behind a place.
-- KEYS: ranks, players
-- ARGV: how many, rank of the first from 0; or, behind a place, how many, empty, the score as ranked and the member that stood there
-- Returns: STRETCH rank of the first from 0, how many have a better score than it, how many are ranked, time in ms, then for each: member,
--          score as ranked, what is shown
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

-- The place's member may have moved or gone since, so it is searched among those of its score.
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

local first = ARGV[3] and rank_behind(ARGV[3], ARGV[4]) or tonumber(ARGV[2])
local standing = redis.call('ZRANGE', ranks, first, first + count - 1, 'WITHSCORES')
local time = redis.call('TIME')
local answer = { 'STRETCH', first, 0, redis.call('ZCARD', ranks), time[1] * 1000 + math.floor(time[2] / 1000) }
local names = {}
for i = 1, #standing, 2 do
  names[#names + 1] = string.sub(standing[i], 9)
end
if #names > 0 then
  answer[3] = redis.call('ZCOUNT', ranks, '-inf', '(' .. standing[2])
  local shown = redis.call('HMGET', players, unpack(names))
  for i = 1, #names do
    answer[3 * i + 3] = standing[2 * i - 1]
    answer[3 * i + 4] = standing[2 * i]
    answer[3 * i + 5] = shown[i] or ''
  end
end
return answer
