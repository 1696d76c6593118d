#!lua flags=allow-oom
-- Takes a session that has ended off its user's list.
-- KEYS: sessions of the user
-- ARGV: id
-- Returns: DELISTED
redis.call('ZREM', KEYS[1], ARGV[1])
return { 'DELISTED' }
