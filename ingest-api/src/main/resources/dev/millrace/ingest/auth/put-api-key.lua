#!lua
-- Stores whose an API key is, unless it is somebody's.
-- KEYS: api key
-- ARGV: client and key id
-- Returns: PUT | TAKEN
if redis.call('SET', KEYS[1], ARGV[1], 'NX') then
  return { 'PUT' }
end
return { 'TAKEN' }
