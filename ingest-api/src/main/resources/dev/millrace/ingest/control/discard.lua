#!lua flags=allow-oom
-- Discards a dead letter. Where its event holds its lane, the owner of the partition ends it as dead, and the lane goes on.
-- KEYS: dead, dead index, events, tries, handled, audit
-- ARGV: index field of the event; entry of the letter that is meant; its place in the stream of events; field of its lane's tries; what that
--       becomes where the event holds its lane; member to add to the handled, member to take out; how many of them are remembered; channel of
--       the bell; partition; how many entries the audit keeps; fields of its new entry
-- Returns: DISCARDED | GONE
local dead, index, tries, handled, audit = KEYS[1], KEYS[2], KEYS[4], KEYS[5], KEYS[6]
if redis.call('HGET', index, ARGV[1]) ~= ARGV[2] or not redis.call('XRANGE', dead, ARGV[2], ARGV[2])[1] then
  return { 'GONE' }
end
-- Every key is read before anything is written, so that one of a wrong type fails while nothing is done yet.
local time = redis.call('TIME')
local head, state = string.match(redis.call('HGET', tries, ARGV[4]) or '', '^[12]|(%d+%-%d+)|%d+|%d+|%d+|(%u+)|')
local holds = head == ARGV[3] and state == 'BLOCKED' and redis.call('XRANGE', KEYS[3], head, head)[1]
redis.call('ZCARD', handled)
redis.call('XLEN', audit)
if holds then
  redis.call('HSET', tries, ARGV[4], ARGV[5])
end
redis.call('XDEL', dead, ARGV[2])
redis.call('HDEL', index, ARGV[1])
redis.call('ZREM', handled, ARGV[7])
redis.call('ZADD', handled, string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000)), ARGV[6])
redis.call('ZREMRANGEBYRANK', handled, 0, string.format('%.0f', -1 - ARGV[8]))
redis.call('XADD', audit, 'MAXLEN', '=', ARGV[11], '*', unpack(ARGV, 12))
redis.call('PUBLISH', ARGV[9], ARGV[10])
return { 'DISCARDED' }
