#!lua flags=no-writes
-- Lists dead letters of a partition, oldest first, without the data of their events.
-- KEYS: dead, tries
-- ARGV: the entry after which it begins, or nothing; how many may be looked at; how many may be found; client, type, lane and a part of the
--       reason, each or nothing; since when and until when they died in ms, each or nothing
-- Returns: LETTERS the last entry that was looked at (or empty), how many were, 1 if there are more or else 0, then for each letter that was
--          found: its entry, its fields, 1 if it holds its lane or else 0
local PAGE = 100
local BYTES = 4194304

local client, type_of, lane, reason = ARGV[4], ARGV[5], ARGV[6], ARGV[7]
local since, before = tonumber(ARGV[8]), tonumber(ARGV[9])

local function meant(facts)
  local died = tonumber(facts['a']) or 0
  return (client == '' or facts['c'] == client) and (type_of == '' or facts['t'] == type_of) and (lane == '' or facts['l'] == lane)
    and (reason == '' or string.find(facts['w'] or '', reason, 1, true)) and (not since or died >= since) and (not before or died < before)
end

local function holds_lane(facts)
  local field = (facts['p'] or '') .. '/' .. (facts['c'] or '') .. '/' .. (facts['l'] or '')
  local head, state = string.match(redis.call('HGET', KEYS[2], field) or '', '^[12]|(%d+%-%d+)|%d+|%d+|%d+|(%u+)|')
  return head and head == facts['e'] and state == 'BLOCKED'
end

local answer = { 'LETTERS', '', 0, 1 }
local looked, bytes = 0, 0
local after, most, wanted = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local found = 0
while looked < most and found < wanted and bytes < BYTES do
  local page = redis.call('XRANGE', KEYS[1], after == '' and '-' or '(' .. after, '+', 'COUNT', PAGE)
  for _, entry in ipairs(page) do
    after = entry[1]
    looked = looked + 1
    local facts = {}
    for i = 1, #entry[2], 2 do
      facts[entry[2][i]] = entry[2][i + 1]
      bytes = bytes + #entry[2][i + 1]
      if entry[2][i] == 'd' then
        entry[2][i + 1] = ''
      end
    end
    if meant(facts) then
      found = found + 1
      answer[#answer + 1] = after
      answer[#answer + 1] = entry[2]
      answer[#answer + 1] = holds_lane(facts) and 1 or 0
    end
    if looked >= most or found >= wanted then
      break
    end
  end
  if #page < PAGE and (#page == 0 or after == page[#page][1]) then
    answer[4] = 0
    break
  end
end
answer[2] = after
answer[3] = looked
return answer
