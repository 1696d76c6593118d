#!lua flags=no-writes
-- Finds a dead letter.
-- KEYS: dead index, dead, tries
-- ARGV: index field of its event
-- Returns: LETTER its entry, its fields, 1 if it holds its lane or else 0 | NONE
local place = redis.call('HGET', KEYS[1], ARGV[1])
local letter = place and redis.call('XRANGE', KEYS[2], place, place)[1]
if not letter then
  return { 'NONE' }
end
local facts = {}
for i = 1, #letter[2], 2 do
  facts[letter[2][i]] = letter[2][i + 1]
end
local field = (facts['p'] or '') .. '/' .. (facts['c'] or '') .. '/' .. (facts['l'] or '')
local head, state = string.match(redis.call('HGET', KEYS[3], field) or '', '^[12]|(%d+%-%d+)|%d+|%d+|%d+|(%u+)|')
return { 'LETTER', place, letter[2], head and head == facts['e'] and state == 'BLOCKED' and 1 or 0 }
