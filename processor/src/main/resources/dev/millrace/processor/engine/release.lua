#!lua flags=allow-oom
-- Gives a lease back. The epoch stays, because it must never fall.
-- KEYS: lease
-- ARGV: owner, epoch
-- Returns: RELEASED | FENCED
local lease = redis.call('HMGET', KEYS[1], 'owner', 'epoch')
if lease[1] ~= ARGV[1] or lease[2] ~= ARGV[2] then
  return { 'FENCED' }
end
redis.call('HSET', KEYS[1], 'owner', '', 'until', '0')
return { 'RELEASED' }
