#!lua flags=allow-oom
-- Forgets failures, all of them or the one try that was under way, with the delay that it began.
-- KEYS: failures
-- ARGV: all | one
-- Returns: FORGIVEN
if ARGV[1] == 'all' then
  redis.call('DEL', KEYS[1])
elseif tonumber(redis.call('HGET', KEYS[1], 'count') or 0) > 0 then
  redis.call('HINCRBY', KEYS[1], 'count', -1)
  redis.call('HDEL', KEYS[1], 'until')
end
return { 'FORGIVEN' }
