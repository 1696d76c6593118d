#!lua flags=allow-oom
-- Denies tokens for a while; a longer denial is not cut short.
-- KEYS: denied
-- ARGV: for how long in ms
-- Returns: DENIED
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[1]) then
  redis.call('SET', KEYS[1], '', 'PX', ARGV[1])
end
return { 'DENIED' }
