#!lua flags=allow-oom
-- Marks that tries begin, before they do, so that a try that ends with its process is known: the pending list counts 1 and the tries begun.
-- An event whose delivery nobody remembers, because the consumer was deleted or a failover has taken that along, is there all the same.
-- KEYS: lease, tries, events…
-- ARGV: owner, epoch, group, consumer, number of the following words, field of tries and value in turn, then for each event the number of its stream from 1, its id
--       and what the pending list is to count
-- Returns: BEGUN 1 or 0 for each event… (0: its entry is gone) | FENCED
local lease = redis.call('HMGET', KEYS[1], 'owner', 'epoch')
if lease[1] ~= ARGV[1] or lease[2] ~= ARGV[2] then
  return { 'FENCED' }
end
local size = tonumber(ARGV[5])
if size > 0 then
  redis.call('HSET', KEYS[2], unpack(ARGV, 6, 5 + size))
end
local answer = { 'BEGUN' }
for i = 6 + size, #ARGV, 3 do
  local stream = tonumber(ARGV[i])
  local claimed = redis.call('XCLAIM', KEYS[2 + stream], ARGV[3], ARGV[4], 0, ARGV[i + 1], 'RETRYCOUNT', ARGV[i + 2], 'FORCE', 'JUSTID')
  answer[#answer + 1] = #claimed
end
return answer
