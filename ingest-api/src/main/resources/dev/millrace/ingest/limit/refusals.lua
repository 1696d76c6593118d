#!lua flags=no-writes
-- Reads the latest refusals.
-- KEYS: refusals
-- ARGV: how many at most
-- Returns: REFUSALS, list of them, latest first
return { 'REFUSALS', redis.call('LRANGE', KEYS[1], 0, ARGV[1] - 1) }
