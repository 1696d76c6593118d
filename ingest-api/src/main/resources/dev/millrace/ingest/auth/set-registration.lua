#!lua
-- Chooses where a client's users come from.
-- KEYS: client
-- ARGV: closed | open | provider
-- Returns: SET | MISSING
if redis.call('EXISTS', KEYS[1]) == 0 then
  return { 'MISSING' }
end
redis.call('HSET', KEYS[1], 'registration', ARGV[1])
return { 'SET' }
