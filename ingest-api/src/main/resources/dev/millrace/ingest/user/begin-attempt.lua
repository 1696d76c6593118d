#!lua
-- Lets a try begin and counts it, or says how long to wait: after the free ones each has to wait twice as long as the one before. One of those
-- that were counted fades at a time.
-- KEYS: failures
-- ARGV: free tries, first delay in ms, longest delay in ms, how long failures are remembered in ms, how long until one fades in ms
-- Returns: BEGUN | WAIT, ms
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local known = redis.call('HMGET', KEYS[1], 'count', 'until', 'faded')
local wait = tonumber(known[2] or 0) - now
if wait > 0 then
  return { 'WAIT', string.format('%.0f', wait) }
end
local faded = tonumber(known[3] or now)
local fading = math.max(math.floor((now - faded) / tonumber(ARGV[5])), 0)
local count = tonumber(known[1] or 0) - fading
if count > 0 then
  faded = faded + fading * tonumber(ARGV[5])
else
  count, faded = 0, now
end
count = count + 1
local delay = 0
local beyond = count - tonumber(ARGV[1])
if beyond >= 0 then
  delay = math.min(tonumber(ARGV[2]) * 2 ^ math.min(beyond, 30), tonumber(ARGV[3]))
end
redis.call('HSET', KEYS[1], 'count', string.format('%.0f', count), 'until', string.format('%.0f', now + delay), 'faded',
  string.format('%.0f', faded))
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return { 'BEGUN' }
