#!lua
-- Changes the password of a user, unless it has changed already.
-- KEYS: user
-- ARGV: hash of the password until now, hash of the other
-- Returns: CHANGED | OTHER
if redis.call('HGET', KEYS[1], 'password') ~= ARGV[1] then
  return { 'OTHER' }
end
redis.call('HSET', KEYS[1], 'password', ARGV[2])
return { 'CHANGED' }
