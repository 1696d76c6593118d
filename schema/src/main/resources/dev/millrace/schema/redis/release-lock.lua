#!lua flags=allow-oom
-- Gives a lock back, if it is still its holder's.
-- KEYS: lock
-- ARGV: token of the holder
-- Returns: RELEASED | LOST
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return { 'LOST' }
end
redis.call('DEL', KEYS[1])
return { 'RELEASED' }
