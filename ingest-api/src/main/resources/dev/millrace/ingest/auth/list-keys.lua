#!lua flags=no-writes
-- Answers what is known of a client's keys, and what time it is.
-- KEYS: client, client keys
-- ARGV: none
-- Returns: LISTED now (ms), fields and values | UNKNOWN
if redis.call('EXISTS', KEYS[1]) == 0 then
  return { 'UNKNOWN' }
end
local time = redis.call('TIME')
local now = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
return { 'LISTED', now, redis.call('HGETALL', KEYS[2]) }
