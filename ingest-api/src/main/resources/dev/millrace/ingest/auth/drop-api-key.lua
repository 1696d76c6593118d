#!lua flags=allow-oom
-- Takes an API key back.
-- KEYS: api key
-- ARGV: none
-- Returns: DROPPED
redis.call('DEL', KEYS[1])
return { 'DROPPED' }
