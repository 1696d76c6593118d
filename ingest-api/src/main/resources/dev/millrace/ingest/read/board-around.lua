#!lua flags=no-writes
-- Reads where a player stands on a board, and who stands around.
-- KEYS: ranks, players
-- ARGV: player, how many on each side
-- Returns: UNKNOWN | STRETCH rank of the first from 0, how many have a better score than it, how many are ranked, time in ms, then for each:
--          member, score as ranked, what is shown
local ranks, players, player, range = KEYS[1], KEYS[2], ARGV[1], tonumber(ARGV[2])
local mine = redis.call('HGET', players, player)
local rank = mine and redis.call('ZRANK', ranks, string.sub(mine, 1, 8) .. player)
if not rank then
  return { 'UNKNOWN' }
end
local first = math.max(0, rank - range)
local standing = redis.call('ZRANGE', ranks, first, rank + range, 'WITHSCORES')
local names = {}
for i = 1, #standing, 2 do
  names[#names + 1] = string.sub(standing[i], 9)
end
local shown = redis.call('HMGET', players, unpack(names))
local time = redis.call('TIME')
local answer = { 'STRETCH', first, redis.call('ZCOUNT', ranks, '-inf', '(' .. standing[2]), redis.call('ZCARD', ranks),
  time[1] * 1000 + math.floor(time[2] / 1000) }
for i = 1, #names do
  answer[3 * i + 3] = standing[2 * i - 1]
  answer[3 * i + 4] = standing[2 * i]
  answer[3 * i + 5] = shown[i] or ''
end
return answer
