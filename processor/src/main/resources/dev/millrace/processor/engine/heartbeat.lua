#!lua flags=allow-oom
-- Says that a member is alive, forgets those that have not said so in time, and lists the rest.
-- KEYS: members
-- ARGV: member, for how long it counts (ms)
-- Returns: MEMBERS member…
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('(%.0f', now))
redis.call('ZADD', KEYS[1], string.format('%.0f', now + ARGV[2]), ARGV[1])
local members = redis.call('ZRANGE', KEYS[1], 0, -1)
table.insert(members, 1, 'MEMBERS')
return members
