#!lua flags=allow-oom
-- Moves events that have fallen due from the schedule into their streams, in the order of their due times and, where those are equal, of
-- acceptance. Rings like anyone who appends.
-- KEYS: lease, scheduled, payloads, moved, depth, events of high priority, events of normal priority, events of low priority
-- ARGV: owner, epoch, how many at most, channel on which to ring, number of the partition
-- Returns: PROMOTED how many, ms until the next falls due (0 if it has, empty if there is none) | FENCED
local lease = redis.call('HMGET', KEYS[1], 'owner', 'epoch')
if lease[1] ~= ARGV[1] or lease[2] ~= ARGV[2] then
  return { 'FENCED' }
end
local scheduled, payloads, moved, depth = KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local streams = { high = KEYS[6], normal = KEYS[7], low = KEYS[8] }
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

-- The same form of ids that admission gives, so that ids of different streams are in the order of acceptance too.
local first_id = string.format('%.0f-%.0f', now, time[2] % 1000 * 64)
local follow_id = string.format('%.0f-*', now)
local begun = {}
local function append(stream, words)
  local id = redis.pcall('XADD', stream, begun[stream] and follow_id or first_id, unpack(words))
  if id.err then
    id = redis.call('XADD', stream, '*', unpack(words))
  end
  begun[stream] = true
  return id
end

local due = redis.call('ZRANGE', scheduled, '-inf', string.format('%.0f', now), 'BYSCORE', 'LIMIT', 0, ARGV[3])
if #due > 0 then
  local packed = redis.call('HMGET', payloads, unpack(due))
  local places, added = {}, {}
  for i, member in ipairs(due) do
    local origin = string.format('s%.0f-%.0f', tonumber(string.sub(member, 1, 13)), tonumber(string.sub(member, 15)))
    local fine, event = pcall(cmsgpack.unpack, packed[i] or '')
    local priority, words = 'normal', { 'x', packed[i] or '' }
    -- What does not read goes on as it is, to become a dead letter that someone can look at.
    if fine and type(event) == 'table' and streams[event[1]] and #event > 4 then
      priority, words = event[1], { unpack(event, 4) }
      added[event[2]] = (added[event[2]] or 0) + 1
      added[event[3]] = (added[event[3]] or 0) + 1
    end
    words[#words + 1] = 'o'
    words[#words + 1] = origin
    places[#places + 1] = origin
    places[#places + 1] = priority .. '/' .. append(streams[priority], words)
  end
  redis.call('HSET', moved, unpack(places))
  for field, count in pairs(added) do
    redis.call('HINCRBY', depth, field, count)
  end
  redis.call('ZREM', scheduled, unpack(due))
  redis.call('HDEL', payloads, unpack(due))
  if redis.call('HDEL', KEYS[1], 'waits') == 1 then
    redis.call('PUBLISH', ARGV[4], ARGV[5])
  end
end
local next = redis.call('ZRANGE', scheduled, 0, 0, 'WITHSCORES')
return { 'PROMOTED', #due, next[2] and string.format('%.0f', math.max(0, next[2] - now)) or '' }
