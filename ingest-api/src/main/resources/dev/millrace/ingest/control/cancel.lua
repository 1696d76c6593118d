#!lua flags=allow-oom
-- Takes an event out of the schedule and tells the books, unless it has left the schedule or the books are too far behind.
-- KEYS: scheduled, payloads, cancelled, changes, depth, boarded
-- ARGV: member of the schedule; how many cancelled are remembered; field of depth that counts what is not persisted; its bound; then the
--       fields of the change's entry
-- Returns: CANCELLED | NOT_SCHEDULED | UNPERSISTED_FULL
local changes, depth = KEYS[4], KEYS[5]
if not redis.call('ZSCORE', KEYS[1], ARGV[1]) then
  return { 'NOT_SCHEDULED' }
end
if tonumber(redis.call('HGET', depth, ARGV[3]) or 0) >= tonumber(ARGV[4]) then
  return { 'UNPERSISTED_FULL' }
end
-- Every key is read before anything is written, so that one of a wrong type fails while nothing is done yet.
redis.call('HLEN', KEYS[2])
redis.call('ZCARD', KEYS[3])
redis.call('XLEN', changes)
local boarded = redis.call('GET', KEYS[6])

local time = redis.call('TIME')
redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('HDEL', KEYS[2], ARGV[1])
redis.call('ZADD', KEYS[3], string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000)), ARGV[1])
redis.call('ZREMRANGEBYRANK', KEYS[3], 0, string.format('%.0f', -1 - ARGV[2]))
redis.call('XADD', changes, '*', unpack(ARGV, 5))
redis.call('HINCRBY', depth, ARGV[3], 1)

-- A change without players has nothing for the boards. Where all before it is on them, it counts as being there, too; or else a partition
-- that sees nothing but cancellations would never be trimmed.
local function without_players(fields)
  for i = 1, #fields, 2 do
    if fields[i] == 'd' then
      return string.find(fields[i + 1], '^%[%d+,%d+,%[%],') ~= nil
    end
  end
  return false
end
local further
for _, change in ipairs(redis.call('XRANGE', changes, boarded and '(' .. boarded or '-', '+', 'COUNT', 100)) do
  if not without_players(change[2]) then
    break
  end
  further = change[1]
end
if further then
  redis.call('SET', KEYS[6], further)
end
return { 'CANCELLED' }
