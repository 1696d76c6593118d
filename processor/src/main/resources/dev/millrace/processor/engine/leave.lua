#!lua flags=allow-oom
-- Takes a member off the list at once, so that the others need not wait for its time to pass.
-- KEYS: members
-- ARGV: member
-- Returns: LEFT
redis.call('ZREM', KEYS[1], ARGV[1])
return { 'LEFT' }
