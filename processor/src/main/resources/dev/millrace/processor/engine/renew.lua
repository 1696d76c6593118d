#!lua flags=allow-oom
-- Lengthens a lease that is still held.
-- KEYS: lease
-- ARGV: owner, epoch, for how long (ms)
-- Returns: RENEWED | FENCED
local lease = redis.call('HMGET', KEYS[1], 'owner', 'epoch')
if lease[1] ~= ARGV[1] or lease[2] ~= ARGV[2] then
  return { 'FENCED' }
end
local time = redis.call('TIME')
redis.call('HSET', KEYS[1], 'until', string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[3]))
return { 'RENEWED' }
