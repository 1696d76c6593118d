#!lua flags=no-writes
-- Tells where an event is: in its stream, in its group's pending list, among the dead letters, or in none of them.
-- KEYS: events, dead index, dead
-- ARGV: stream id, index field, group
-- Returns: QUEUED fields | PROCESSING fields, deliveries | DEAD fields of the letter | GONE
local entry = redis.call('XRANGE', KEYS[1], ARGV[1], ARGV[1])[1]
if entry then
  local pending = redis.pcall('XPENDING', KEYS[1], ARGV[3], ARGV[1], ARGV[1], 1)
  if pending.err and not string.find(pending.err, '^NOGROUP') then
    return pending
  end
  if pending[1] then
    return { 'PROCESSING', entry[2], string.format('%.0f', pending[1][4]) }
  end
  return { 'QUEUED', entry[2] }
end
local place = redis.call('HGET', KEYS[2], ARGV[2])
local letter = place and redis.call('XRANGE', KEYS[3], place, place)[1]
if letter then
  return { 'DEAD', letter[2] }
end
return { 'GONE' }
