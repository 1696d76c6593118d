#!lua
-- Takes a token, remembers keys and appends an entry for each to a stream: what posts that come together take of Redis at least.
-- KEYS: bucket, stream, once…
-- ARGV: tokens a second, most tokens, then the text of each
-- Returns: ADDED, then for each its id | LIMITED | REPLAYED
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local full = ARGV[2] * 1000000
local level, at = string.match(redis.call('GET', KEYS[1]) or '', '^(%d+) (%d+)$')
level = math.min((level or full) + (now - (at or now)) * ARGV[1], full)
if level < 1000000 then
  return { 'LIMITED' }
end
redis.call('SET', KEYS[1], string.format('%.0f %.0f', level - 1000000, now), 'EX', 3600)
local answer = { 'ADDED' }
for i = 1, #ARGV - 2 do
  if not redis.call('SET', KEYS[2 + i], '1', 'NX', 'EX', 3600) then
    return { 'REPLAYED' }
  end
  answer[i + 1] = redis.call('XADD', KEYS[2], '*', 'd', ARGV[2 + i])
end
return answer
