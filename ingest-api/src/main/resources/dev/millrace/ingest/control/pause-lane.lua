#!lua
-- Pauses a lane: no work on its events is begun until it is resumed. Rings the bell if it was not paused before.
-- KEYS: paused
-- ARGV: field of the lane; how many lanes of a partition may be paused; how many of one client; channel of the bell; partition
-- Returns: PAUSED | FULL
if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 1 then
  return { 'PAUSED' }
end
local function client_of(field)
  return string.match(field, '^[^/]*/([^/]*)/')
end
local paused, of_client = redis.call('HKEYS', KEYS[1]), 0
for _, field in ipairs(paused) do
  if client_of(field) == client_of(ARGV[1]) then
    of_client = of_client + 1
  end
end
if #paused >= tonumber(ARGV[2]) or of_client >= tonumber(ARGV[3]) then
  return { 'FULL' }
end
local time = redis.call('TIME')
redis.call('HSET', KEYS[1], ARGV[1], string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000)))
redis.call('PUBLISH', ARGV[4], ARGV[5])
return { 'PAUSED' }
