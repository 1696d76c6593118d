#!lua
-- Creates a user, unless there is such a user.
-- KEYS: user
-- ARGV: name or nothing, hash of the password
-- Returns: CREATED, ms | EXISTS
if redis.call('EXISTS', KEYS[1]) == 1 then
  return { 'EXISTS' }
end
local time = redis.call('TIME')
local now = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
redis.call('HSET', KEYS[1], 'name', ARGV[1], 'password', ARGV[2], 'created', now)
return { 'CREATED', now }
