#!lua
-- Takes a token, remembers a key and appends an entry to a stream: what a post takes of Redis at least.
-- KEYS: bucket, once, stream
-- ARGV: tokens a second, most tokens, id, text
-- Returns: ADDED id | LIMITED | REPLAYED
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local full = ARGV[2] * 1000000
local level, at = string.match(redis.call('GET', KEYS[1]) or '', '^(%d+) (%d+)$')
level = math.min((level or full) + (now - (at or now)) * ARGV[1], full)
if level < 1000000 then
  return { 'LIMITED' }
end
redis.call('SET', KEYS[1], string.format('%.0f %.0f', level - 1000000, now), 'EX', 3600)
if not redis.call('SET', KEYS[2], '1', 'NX', 'EX', 3600) then
  return { 'REPLAYED' }
end
return { 'ADDED', redis.call('XADD', KEYS[3], '*', 'i', ARGV[3], 'd', ARGV[4]) }
