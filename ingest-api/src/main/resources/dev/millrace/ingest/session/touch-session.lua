#!lua flags=allow-oom
-- Notes that a session is used, which keeps it alive for another idle time, though not beyond its end.
-- KEYS: session
-- ARGV: idle time in ms
-- Returns: ALIVE, its fields | GONE
local over = redis.call('HGET', KEYS[1], 'until')
if not over then
  return { 'GONE' }
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('HSET', KEYS[1], 'seen', string.format('%.0f', now))
redis.call('PEXPIREAT', KEYS[1], string.format('%.0f', math.min(now + tonumber(ARGV[1]), tonumber(over))))
return { 'ALIVE', redis.call('HGETALL', KEYS[1]) }
