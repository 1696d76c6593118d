#!lua
-- Creates a client with its first key, unless there is such a client.
-- KEYS: client, client keys
-- ARGV: name, tier, where its users come from, key id, scopes, HMAC of the key
-- Returns: CREATED | EXISTS
if redis.call('EXISTS', KEYS[1]) == 1 then
  return { 'EXISTS' }
end
redis.call('HLEN', KEYS[2])
local time = redis.call('TIME')
local now = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
redis.call('HSET', KEYS[2], 'tier', ARGV[2], ARGV[4], '2|' .. now .. '|0|' .. ARGV[5] .. '|' .. ARGV[6])
redis.call('HSET', KEYS[1], 'name', ARGV[1], 'tier', ARGV[2], 'registration', ARGV[3], 'created', now)
return { 'CREATED' }
