#!lua flags=allow-oom
-- Lists what was given out and not finished, oldest first, without raising any delivery count. That is what the stream holds up to the last
-- delivered id, whether or not the pending list knows of it: a consumer that was deleted takes its pending list along. Pending ids whose entry
-- is gone are dropped.
-- KEYS: lease, stream
-- ARGV: owner, epoch, group, consumer, after which id, how many, last delivered id
-- Returns: ENTRIES list of (id, fields, deliveries), ids without an entry, last id looked at, empty if there is no more | FENCED
local lease = redis.call('HMGET', KEYS[1], 'owner', 'epoch')
if lease[1] ~= ARGV[1] or lease[2] ~= ARGV[2] then
  return { 'FENCED' }
end
local count = tonumber(ARGV[6])
local found = redis.call('XRANGE', KEYS[2], '(' .. ARGV[5], ARGV[7], 'COUNT', count)
local more = #found == count
local upto = more and found[count][1] or ARGV[7]
local deliveries = {}
local gone = {}
for _, item in ipairs(redis.call('XPENDING', KEYS[2], ARGV[3], '(' .. ARGV[5], upto, 2 * count, ARGV[4])) do
  deliveries[item[1]] = item[4]
  gone[item[1]] = true
end
local entries = {}
local last = ''
for _, entry in ipairs(found) do
  last = entry[1]
  entry[3] = deliveries[last] or 1
  gone[last] = nil
  entries[#entries + 1] = entry
end
local vanished = 0
for id in pairs(gone) do
  redis.call('XACK', KEYS[2], ARGV[3], id)
  vanished = vanished + 1
end
return { 'ENTRIES', entries, vanished, more and upto or '' }
