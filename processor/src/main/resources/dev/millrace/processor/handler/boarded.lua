#!lua flags=allow-oom
-- Notes how far a partition's changes are on the boards.
-- KEYS: lease, boarded
-- ARGV: owner, epoch, change id
-- Returns: NOTED | FENCED
local lease = redis.call('HMGET', KEYS[1], 'owner', 'epoch')
if lease[1] ~= ARGV[1] or lease[2] ~= ARGV[2] then
  return { 'FENCED' }
end
redis.call('SET', KEYS[2], ARGV[3])
return { 'NOTED' }
