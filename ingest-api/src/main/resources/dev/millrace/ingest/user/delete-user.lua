#!lua flags=allow-oom
-- Deletes a user.
-- KEYS: user
-- ARGV: hash of the password that the user must have, or nothing
-- Returns: DELETED | OTHER
local password = redis.call('HGET', KEYS[1], 'password')
if not password or (ARGV[1] ~= '' and password ~= ARGV[1]) then
  return { 'OTHER' }
end
redis.call('DEL', KEYS[1])
return { 'DELETED' }
