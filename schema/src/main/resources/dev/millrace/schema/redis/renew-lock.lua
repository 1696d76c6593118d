#!lua flags=allow-oom
-- Begins the lease of a lock again, if it is still its holder's.
-- KEYS: lock
-- ARGV: token of the holder, lease (ms)
-- Returns: RENEWED | LOST
local lease = tonumber(ARGV[2])
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return { 'LOST' }
end
redis.call('PEXPIRE', KEYS[1], lease)
return { 'RENEWED' }
