#!lua flags=allow-oom
-- Forgets whose an API key is at the moment when it ends.
-- KEYS: api key
-- ARGV: the moment (ms)
-- Returns: EXPIRES
redis.call('PEXPIREAT', KEYS[1], tonumber(ARGV[1]))
return { 'EXPIRES' }
