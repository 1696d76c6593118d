#!lua
-- Pauses a lane: no work on its events is begun until it is resumed. Rings the bell if it was not paused before.
-- KEYS: paused
-- ARGV: field of the lane; how many lanes of a partition may be paused; channel of the bell; partition
-- Returns: PAUSED | FULL
if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 1 then
  return { 'PAUSED' }
end
if redis.call('HLEN', KEYS[1]) >= tonumber(ARGV[2]) then
  return { 'FULL' }
end
local time = redis.call('TIME')
redis.call('HSET', KEYS[1], ARGV[1], string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000)))
redis.call('PUBLISH', ARGV[3], ARGV[4])
return { 'PAUSED' }
