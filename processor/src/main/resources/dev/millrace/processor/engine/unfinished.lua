#!lua flags=allow-oom
-- Lists what was delivered and not finished, oldest first, without raising any delivery count; pending ids whose entry is gone are dropped.
-- KEYS: lease, stream
-- ARGV: owner, epoch, group, consumer, after which id, how many
-- Returns: ENTRIES list of (id, fields, deliveries), ids without an entry, last id looked at | FENCED
local lease = redis.call('HMGET', KEYS[1], 'owner', 'epoch')
if lease[1] ~= ARGV[1] or lease[2] ~= ARGV[2] then
  return { 'FENCED' }
end
local pending = redis.call('XPENDING', KEYS[2], ARGV[3], '(' .. ARGV[5], '+', ARGV[6], ARGV[4])
local entries = {}
local vanished = 0
local last = ''
for _, item in ipairs(pending) do
  last = item[1]
  local entry = redis.call('XRANGE', KEYS[2], last, last)[1]
  if entry then
    entry[3] = item[4]
    entries[#entries + 1] = entry
  else
    redis.call('XACK', KEYS[2], ARGV[3], last)
    vanished = vanished + 1
  end
end
return { 'ENTRIES', entries, vanished, last }
