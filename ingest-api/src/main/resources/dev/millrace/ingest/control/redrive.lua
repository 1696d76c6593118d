#!lua
-- Redrives a dead letter. An event that has left its stream goes to the end of it, while there is room, as if it were accepted now; one that
-- holds its lane begins anew where it is. The letter is gone then.
-- KEYS: dead, dead index, events, tries, depth, moved, handled, audit, lease of the processors
-- ARGV: index field of the event; entry of the letter that is meant; field of the lane's tries; field of the lane's and of the client's depth,
--       both or neither; queue max; lane max; client max; origin of the event; its priority; tries to begin anew with, or nothing; 1 if there
--       is other data, and that; group; consumer; member to add to the handled, member to take out; how many of them are remembered; channel of
--       the bell; channel on which to ring for what is appended; partition; how many entries the audit keeps; fields of its new entry
-- Returns: REDRIVEN | GONE | QUEUE_FULL | LANE_FULL | CLIENT_FULL
local dead, index, events, tries, depth, moved, handled, audit = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7], KEYS[8]
local lane, client = ARGV[4], ARGV[5]
local letter = redis.call('HGET', index, ARGV[1]) == ARGV[2] and redis.call('XRANGE', dead, ARGV[2], ARGV[2])[1]
if not letter then
  return { 'GONE' }
end

-- What tells of the death stays behind.
local OF_THE_LETTER = { e = true, p = true, w = true, a = true, n = true, h = true, o = true }
local words, place = {}, nil
for i = 1, #letter[2], 2 do
  local name, value = letter[2][i], letter[2][i + 1]
  if name == 'e' then
    place = value
  end
  if not OF_THE_LETTER[name] then
    words[#words + 1] = name
    words[#words + 1] = name == 'd' and ARGV[12] == '1' and ARGV[13] or value
  end
end
words[#words + 1] = 'o'
words[#words + 1] = ARGV[9]

-- Every key is read before anything is written, so that one of a wrong type fails while nothing is done yet.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local head, state = string.match(redis.call('HGET', tries, ARGV[3]) or '', '^[12]|(%d+%-%d+)|%d+|%d+|%d+|(%u+)|')
local holds = head == place and state == 'BLOCKED' and redis.call('XRANGE', events, place, place)[1]
redis.call('HLEN', moved)
redis.call('ZCARD', handled)
redis.call('XLEN', audit)
if holds then
  if ARGV[11] == '' then
    redis.call('HDEL', tries, ARGV[3])
  else
    redis.call('HSET', tries, ARGV[3], ARGV[11])
  end
  -- The pending list counts the tries that were begun, and there are none now. Without its group nothing was.
  local claimed = redis.pcall('XCLAIM', events, ARGV[14], ARGV[15], 0, place, 'RETRYCOUNT', 1, 'JUSTID')
  if claimed.err and not string.find(claimed.err, '^NOGROUP') then
    return claimed
  end
else
  local counts = lane ~= '' and redis.call('HMGET', depth, lane, client) or {}
  if redis.call('XLEN', events) >= tonumber(ARGV[6]) then
    return { 'QUEUE_FULL' }
  end
  if tonumber(counts[1] or 0) >= tonumber(ARGV[7]) then
    return { 'LANE_FULL' }
  end
  if tonumber(counts[2] or 0) >= tonumber(ARGV[8]) then
    return { 'CLIENT_FULL' }
  end
  -- The form of ids that admission gives, so that ids of different streams are in the order of acceptance too.
  local id = redis.pcall('XADD', events, string.format('%.0f-%.0f', now, time[2] % 1000 * 64), unpack(words))
  if id.err then
    id = redis.call('XADD', events, '*', unpack(words))
  end
  redis.call('HSET', moved, ARGV[9], ARGV[10] .. '/' .. id)
  if lane ~= '' then
    redis.call('HINCRBY', depth, lane, 1)
    redis.call('HINCRBY', depth, client, 1)
  end
  if redis.call('HDEL', KEYS[9], 'waits') == 1 then
    redis.call('PUBLISH', ARGV[20], ARGV[21])
  end
end
redis.call('XDEL', dead, ARGV[2])
redis.call('HDEL', index, ARGV[1])
redis.call('ZREM', handled, ARGV[17])
redis.call('ZADD', handled, string.format('%.0f', now), ARGV[16])
redis.call('ZREMRANGEBYRANK', handled, 0, string.format('%.0f', -1 - ARGV[18]))
redis.call('XADD', audit, 'MAXLEN', '=', ARGV[22], '*', unpack(ARGV, 23))
redis.call('PUBLISH', ARGV[19], ARGV[21])
return { 'REDRIVEN' }
