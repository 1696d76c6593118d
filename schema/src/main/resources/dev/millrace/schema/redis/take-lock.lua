#!lua
-- Takes a lock if nobody holds it, and numbers the hold: higher than any before, even if Redis has forgotten those.
-- KEYS: lock, fence
-- ARGV: token of the holder, lease (ms)
-- Returns: TAKEN number | BUSY
local last = tonumber(redis.call('GET', KEYS[2]) or '0')
local lease = tonumber(ARGV[2])
if not redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', lease) then
  return { 'BUSY' }
end
local time = redis.call('TIME')
local number = string.format('%.0f', math.max(last + 1, time[1] * 1000000 + time[2]))
redis.call('SET', KEYS[2], number)
return { 'TAKEN', number }
