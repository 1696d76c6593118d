#!lua flags=no-writes
-- Tells where an event is: in the schedule, in its stream (where it was accepted, or where it was moved), in its group's pending list, among
-- the dead letters, the discarded or the cancelled, or in none of them.
-- KEYS: events, dead index, dead, scheduled, payloads, moved, cancelled, tries, handled
-- ARGV: stream id, or nothing if it was accepted into the schedule; priority; member of the schedule, or nothing; origin of an entry that it
--       was moved to; index field of dead letters; group; members of the handled dead letters if it was redriven, and if it was discarded
-- Returns: SCHEDULED due in ms, fields | QUEUED stream id, fields | PROCESSING stream id, fields, deliveries, tries of its lane's head (or
--          empty) | DEAD fields of the letter | DISCARDED | CANCELLED | GONE 1 if it was redriven or else 0
local events, place, priority, member = KEYS[1], ARGV[1], ARGV[2], ARGV[3]
if member ~= '' then
  local due = redis.call('ZSCORE', KEYS[4], member)
  if due then
    local fine, event = pcall(cmsgpack.unpack, redis.call('HGET', KEYS[5], member) or '')
    return { 'SCHEDULED', due, fine and type(event) == 'table' and { unpack(event, 4) } or {} }
  end
end
local entry
if place ~= '' then
  entry = redis.call('XRANGE', events, place, place)[1]
end
if not entry then
  local moved = redis.call('HGET', KEYS[6], ARGV[4])
  place = moved and string.sub(moved, 1, #priority + 1) == priority .. '/' and string.sub(moved, #priority + 2)
  entry = place and redis.call('XRANGE', events, place, place)[1]
end
if entry then
  local pending = redis.pcall('XPENDING', events, ARGV[6], place, place, 1)
  if pending.err and not string.find(pending.err, '^NOGROUP') then
    return pending
  end
  if not pending[1] then
    return { 'QUEUED', place, entry[2] }
  end
  local facts = {}
  for i = 1, #entry[2], 2 do
    facts[entry[2][i]] = entry[2][i + 1]
  end
  local tries = redis.call('HGET', KEYS[8], priority .. '/' .. (facts['c'] or '') .. '/' .. (facts['l'] or ''))
  return { 'PROCESSING', place, entry[2], string.format('%.0f', pending[1][4]), tries or '' }
end
local dead = redis.call('HGET', KEYS[2], ARGV[5])
local letter = dead and redis.call('XRANGE', KEYS[3], dead, dead)[1]
if letter then
  return { 'DEAD', letter[2] }
end
if member ~= '' and redis.call('ZSCORE', KEYS[7], member) then
  return { 'CANCELLED' }
end
if redis.call('ZSCORE', KEYS[9], ARGV[8]) then
  return { 'DISCARDED' }
end
return { 'GONE', redis.call('ZSCORE', KEYS[9], ARGV[7]) and 1 or 0 }
